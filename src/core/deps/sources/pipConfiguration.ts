import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isMissing, reasonOf } from '../../common/files/systemErrors.ts';
import { isYes, type PersonalPlaces, type ToolConfiguration, wordsOf } from './toolConfiguration.ts';

/** By section and name: `global.index-url`. */
type Options = ReadonlyMap<string, string>;

/**
 * What pip's own configuration says: its environment variables, then the file that PIP_CONFIG_FILE names, then pip.conf or
 * pip.ini of the active virtual environment, of the person, of the system. Each option is taken from the first that has it.
 */
export async function readPipConfiguration(places: PersonalPlaces): Promise<ToolConfiguration> {
  const options = new Map<string, string>();
  for (const file of filesOf(places)) {
    for (const [name, value] of await readPipFile(file, places.log)) options.set(name, value);
  }
  const { env } = places;
  const said = (name: string) =>
    env[`PIP_${name.toUpperCase().replaceAll('-', '_')}`] ||
    options.get(`install.${name}`) ||
    options.get(`global.${name}`) ||
    undefined;
  return {
    indexUrl: said('index-url'),
    extraIndexUrls: wordsOf(said('extra-index-url')),
    findLinks: wordsOf(said('find-links')),
    offline: isYes(said('no-index')),
    certificateFile: said('cert') ?? (env.REQUESTS_CA_BUNDLE || env.CURL_CA_BUNDLE || undefined),
    proxy: said('proxy'),
  };
}

/** The later ones overrule. */
function filesOf({ env, home, platform }: PersonalPlaces): readonly string[] {
  const named = env.PIP_CONFIG_FILE;
  // Naming nothing switches all files off.
  if (named === '/dev/null' || named?.toLowerCase() === 'nul') return [];
  const ofEnvironment = env.VIRTUAL_ENV ? [env.VIRTUAL_ENV] : [];
  const name = platform === 'win32' ? 'pip.ini' : 'pip.conf';
  const files = [
    ...systemFolders(env, platform),
    ...personalFolders(env, home, platform),
    ...ofEnvironment,
  ].map((folder) => path.join(folder, name));
  return named ? [...files, named] : files;
}

function systemFolders(env: PersonalPlaces['env'], platform: NodeJS.Platform): readonly string[] {
  if (platform === 'win32') return [path.join(env.ProgramData || 'C:\\ProgramData', 'pip')];
  if (platform === 'darwin') return ['/Library/Application Support/pip'];
  const folders = (env.XDG_CONFIG_DIRS || '/etc/xdg').split(':').filter((folder) => folder !== '');
  return [...folders.map((folder) => path.join(folder, 'pip')), '/etc'];
}

function personalFolders(
  env: PersonalPlaces['env'],
  home: string,
  platform: NodeJS.Platform,
): readonly string[] {
  if (platform === 'win32')
    return [path.join(home, 'pip'), path.join(env.APPDATA || path.join(home, 'AppData/Roaming'), 'pip')];
  const modern = path.join(env.XDG_CONFIG_HOME || path.join(home, '.config'), 'pip');
  const ofMac = path.join(home, 'Library/Application Support/pip');
  return [path.join(home, '.pip'), modern, ...(platform === 'darwin' ? [ofMac] : [])];
}

async function readPipFile(file: string, log: (line: string) => void): Promise<Options> {
  try {
    return parsePipFile(await readFile(file, 'utf8'));
  } catch (error) {
    if (!isMissing(error)) log(`${file} is left out: ${reasonOf(error)}`);
    return new Map();
  }
}

/** Reads the format of Python's `configparser`: a value goes on in the lines below it that begin with a space. */
export function parsePipFile(text: string): Options {
  const options = new Map<string, string>();
  let section = '';
  let name: string | undefined;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    if (/^\s*(?:[#;]|$)/.test(line)) continue;
    const [, title] = /^\[(.*)\]\s*$/.exec(line) ?? [];
    const [, key, value] = /^([^\s:=][^:=]*?)\s*[:=]\s*(.*)$/.exec(line) ?? [];
    if (/^\s/.test(line)) {
      if (name !== undefined) options.set(name, `${options.get(name) ?? ''}\n${line.trim()}`);
    } else if (title !== undefined) {
      section = title.trim();
      name = undefined;
    } else if (key !== undefined) {
      name = `${section}.${key.toLowerCase().replaceAll('_', '-').replace(/^--/, '')}`;
      options.set(name, value?.trim() ?? '');
    }
  }
  return options;
}
