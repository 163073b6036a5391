import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'smol-toml';
import { z } from 'zod';
import { isMissing, reasonOf } from '../../common/files/systemErrors.ts';
import { splitLogin, withLogin } from './loginUrl.ts';
import {
  isYes,
  type PersonalPlaces,
  resolvePlace,
  type ToolConfiguration,
  wordsOf,
} from './toolConfiguration.ts';

const Links = z.array(z.string()).optional();
const IndexOptions = {
  'index-url': z.string().optional(),
  'extra-index-url': Links,
  'find-links': Links,
  'no-index': z.boolean().optional(),
};
const NamedIndex = z.object({
  name: z.string().optional(),
  url: z.string(),
  default: z.boolean().optional(),
  explicit: z.boolean().optional(),
});
const UvFile = z.object({
  ...IndexOptions,
  index: z.array(NamedIndex).optional(),
  offline: z.boolean().optional(),
  pip: z.object(IndexOptions).optional(),
});

type UvIndex = z.infer<typeof NamedIndex>;

/** What one place says. */
interface Said {
  readonly indexUrl: string | undefined;
  readonly extraIndexUrls: readonly string[];
  readonly findLinks: readonly string[];
  readonly offline: boolean;
}

/**
 * What uv's own configuration says: its environment variables, then the person's uv.toml, then the system's (or, instead of
 * both, the file that UV_CONFIG_FILE names). The first that names the index counts; lists are put together.
 */
export async function readUvConfiguration(places: PersonalPlaces): Promise<ToolConfiguration> {
  const said = [ofEnvironment(places), ...(await ofFiles(places))];
  return {
    indexUrl: said.map(({ indexUrl }) => indexUrl).find((url) => url !== undefined),
    extraIndexUrls: said.flatMap(({ extraIndexUrls }) => extraIndexUrls),
    findLinks: said.flatMap(({ findLinks }) => findLinks),
    offline: said.some(({ offline }) => offline),
    certificateFile: places.env.SSL_CERT_FILE || undefined,
    proxy: undefined,
  };
}

function ofEnvironment({ env }: PersonalPlaces): Said {
  const indexes = wordsOf(env.UV_INDEX).map((word): UvIndex => {
    const [, name, url] = /^([\w.-]+)=(.+)$/.exec(word) ?? [];
    return url === undefined ? { url: word } : { name, url };
  });
  const [byDefault] = wordsOf(env.UV_DEFAULT_INDEX || env.UV_INDEX_URL).map(
    (word) => /^[\w.-]+=(.+)$/.exec(word)?.[1] ?? word,
  );
  return {
    indexUrl: byDefault,
    extraIndexUrls: [...indexes.map((index) => urlWithLogin(index, env)), ...wordsOf(env.UV_EXTRA_INDEX_URL)],
    findLinks: (env.UV_FIND_LINKS ?? '')
      .split(',')
      .map((link) => link.trim())
      .filter((link) => link !== ''),
    offline: isYes(env.UV_OFFLINE) || isYes(env.UV_NO_INDEX),
  };
}

async function ofFiles({ env, home, platform, log }: PersonalPlaces): Promise<readonly Said[]> {
  if (isYes(env.UV_NO_CONFIG)) return [];
  const files = env.UV_CONFIG_FILE ? [env.UV_CONFIG_FILE] : [userFile(env, home, platform)];
  const said = await Promise.all(files.map((file) => readUvFile(file, env, home, log)));
  if (!env.UV_CONFIG_FILE) {
    for (const file of systemFiles(env, platform)) {
      const ofSystem = await readUvFile(file, env, home, log);
      if (ofSystem) return [...said, ofSystem].filter((one) => one !== undefined);
    }
  }
  return said.filter((one) => one !== undefined);
}

function userFile(env: PersonalPlaces['env'], home: string, platform: NodeJS.Platform): string {
  if (platform === 'win32') return path.join(env.APPDATA || path.join(home, 'AppData/Roaming'), 'uv/uv.toml');
  return path.join(env.XDG_CONFIG_HOME || path.join(home, '.config'), 'uv/uv.toml');
}

/** The first that is there counts. */
function systemFiles(env: PersonalPlaces['env'], platform: NodeJS.Platform): readonly string[] {
  if (platform === 'win32') return [path.join(env.ProgramData || 'C:\\ProgramData', 'uv/uv.toml')];
  const folders = (env.XDG_CONFIG_DIRS || '/etc/xdg').split(':').filter((folder) => folder !== '');
  return [...folders.map((folder) => path.join(folder, 'uv/uv.toml')), '/etc/uv/uv.toml'];
}

async function readUvFile(
  file: string,
  env: PersonalPlaces['env'],
  home: string,
  log: (line: string) => void,
): Promise<Said | undefined> {
  try {
    const content = UvFile.parse(parse(await readFile(file, 'utf8')));
    return saidBy(content, env, (link) =>
      isAddress(link) ? link : resolvePlace(link, home, path.dirname(file)),
    );
  } catch (error) {
    if (!isMissing(error)) log(`${file} is left out: ${firstLine(reasonOf(error))}`);
    return undefined;
  }
}

function saidBy(
  file: z.infer<typeof UvFile>,
  env: PersonalPlaces['env'],
  resolve: (link: string) => string,
): Said {
  // What is said for `uv pip` alone goes first.
  const options = [file.pip ?? {}, file];
  // An explicit index is for those packages alone that a project binds to it.
  const indexes = (file.index ?? []).filter(({ explicit }) => !explicit);
  const byDefault = indexes.find((index) => index.default);
  const [indexUrl] = options.map((option) => option['index-url']).filter((url) => url !== undefined);
  return {
    indexUrl: byDefault ? urlWithLogin(byDefault, env) : indexUrl,
    extraIndexUrls: [
      ...indexes.filter((index) => !index.default).map((index) => urlWithLogin(index, env)),
      ...options.flatMap((option) => option['extra-index-url'] ?? []),
    ],
    findLinks: options.flatMap((option) => option['find-links'] ?? []).map(resolve),
    offline: file.offline === true || options.some((option) => option['no-index'] === true),
  };
}

/** An index has its login in its address, or in UV_INDEX_NAME_USERNAME and UV_INDEX_NAME_PASSWORD. */
function urlWithLogin({ name, url }: UvIndex, env: PersonalPlaces['env']): string {
  const key = `UV_INDEX_${(name ?? '').toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
  const password = name === undefined ? undefined : env[`${key}_PASSWORD`];
  const split = splitLogin(url);
  if (!password || !split) return url;
  return withLogin(split.url, { user: env[`${key}_USERNAME`] ?? split.user ?? '', password });
}

function isAddress(link: string): boolean {
  return /^https?:\/\//i.test(link);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
