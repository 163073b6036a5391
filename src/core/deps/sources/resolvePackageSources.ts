import { stat } from 'node:fs/promises';
import os from 'node:os';
import { SettingsError } from '../../contract/errors.ts';
import type { SecretSource } from '../../session/secrets.ts';
import type { PackageSourcesSpec } from '../depsSpec.ts';
import { IndexCredentials } from './indexCredentials.ts';
import { type SplitUrl, splitLogin } from './loginUrl.ts';
import { readNetrc } from './netrc.ts';
import type { PackageSources, SourceOrigin } from './packageSources.ts';
import { readPipConfiguration } from './pipConfiguration.ts';
import { type PersonalPlaces, resolvePlace, type ToolConfiguration } from './toolConfiguration.ts';
import { readUvConfiguration } from './uvConfiguration.ts';

/** The index that uv and pip use where nothing names another. */
const PUBLIC_INDEX_URL = 'https://pypi.org/simple/';

/** Where {@link resolvePackageSources} looks; by default as the process that it runs in. */
export interface SourcesOptions extends Partial<PersonalPlaces> {
  /** Whose configuration goes first: that of the installer which will be used. By default uv's. */
  readonly installer?: 'uv' | 'pip';
  /** Gives user and password of an index that wants them. */
  readonly secret?: SecretSource | undefined;
}

/** A configuration, and whose it is. */
interface Said extends ToolConfiguration {
  readonly origin: SourceOrigin;
}

/**
 * Where packages come from. Settings go first, each for itself. Then comes the person's own configuration of the installer
 * that will be used, then that of the other one, each with its environment variables before its files; indexes are taken
 * from the first of the two that names any, so that an index is never mixed with another's extra indexes; folders of wheels
 * likewise. At last it is the usual public index. Whoever says "offline", it is so.
 *
 * @throws SettingsError for a setting that can't be used: no URL, no folder
 */
export async function resolvePackageSources(
  spec: PackageSourcesSpec,
  options: SourcesOptions = {},
): Promise<PackageSources> {
  const { env = process.env, home = os.homedir(), platform = process.platform } = options;
  const places: PersonalPlaces = { env, home, platform, log: options.log ?? (() => undefined) };
  const [uv, pip, netrc] = await Promise.all([
    readUvConfiguration(places),
    readPipConfiguration(places),
    readNetrc(env, home),
  ]);
  const tools: Said[] = [
    { ...uv, origin: 'uv' },
    { ...pip, origin: 'pip' },
  ];
  if (options.installer === 'pip') tools.reverse();
  const indexes = resolveIndexes(spec, tools, places);
  const wheels = await resolveWheels(spec, tools, places);
  const offline = tools.find((tool) => tool.offline);
  return {
    indexUrl: indexes.main.url,
    extraIndexUrls: indexes.extra.map(({ url }) => url),
    wheelFolders: wheels.folders,
    linkPages: wheels.pages.map(({ url }) => url),
    offline: spec.offline === true || offline !== undefined,
    certificateFiles: certificateFilesOf(uv, pip, env),
    proxy: pip.proxy,
    origins: {
      ...indexes.origins,
      wheels: wheels.origin,
      offline: spec.offline ? 'settings' : (offline?.origin ?? 'default'),
    },
    credentials: new IndexCredentials(
      [indexes.main, ...indexes.extra, ...wheels.pages],
      netrc,
      options.secret,
    ),
  };
}

function resolveIndexes(spec: PackageSourcesSpec, tools: readonly Said[], { log }: PersonalPlaces) {
  const tool = tools.find(
    ({ indexUrl, extraIndexUrls }) => indexUrl !== undefined || extraIndexUrls.length > 0,
  );
  const ofTool = (url: string) => {
    const split = splitLogin(url);
    // Its text may have a password.
    if (!split) log(`An index of the configuration of ${tool?.origin} is left out: it is no URL.`);
    return split ?? [];
  };
  const ofSetting = (name: string) => (url: string) => {
    const split = splitLogin(url);
    if (split) return split;
    throw new SettingsError(
      `codeMode.deps.${name} has an index that is no URL.`,
      'Give the address of its simple API, such as https://packages.example/simple/.',
    );
  };
  const mainOfTool = tool?.indexUrl === undefined ? [] : [tool.indexUrl].flatMap(ofTool);
  const mainOfSettings = (spec.indexUrl ? [spec.indexUrl] : []).map(ofSetting('indexUrl'));
  const extraOfSettings = (spec.extraIndexUrls ?? []).map(ofSetting('extraIndexUrls'));
  const extraOfTool = (tool?.extraIndexUrls ?? []).flatMap(ofTool);
  const usual: SplitUrl = { url: PUBLIC_INDEX_URL, user: undefined, password: undefined };
  const [main, index] = first([mainOfSettings, 'settings'], [mainOfTool, tool?.origin ?? 'default']);
  const [extra, extraIndexes] = first(
    [extraOfSettings, 'settings'],
    [extraOfTool, tool?.origin ?? 'default'],
  );
  return { main: main[0] ?? usual, extra, origins: { index, extraIndexes } };
}

/** The first that is not empty, and what says it. */
function first<T>(
  ...choices: readonly (readonly [readonly T[], SourceOrigin])[]
): readonly [readonly T[], SourceOrigin] {
  return choices.find(([found]) => found.length > 0) ?? [[], 'default'];
}

async function resolveWheels(
  spec: PackageSourcesSpec,
  tools: readonly Said[],
  { home, log }: PersonalPlaces,
) {
  for (const folder of spec.wheelFolders ?? []) {
    if (await isFolder(folder)) continue;
    throw new SettingsError(
      `The folder of wheels ${folder} is not there.`,
      'Make it, or take it out of the setting codeMode.deps.wheelFolders.',
    );
  }
  if (spec.wheelFolders?.length)
    return { folders: spec.wheelFolders, pages: [], origin: 'settings' as SourceOrigin };
  const tool = tools.find(({ findLinks }) => findLinks.length > 0);
  const folders: string[] = [];
  const pages: SplitUrl[] = [];
  for (const link of tool?.findLinks ?? []) {
    const page = /^https?:/i.test(link) ? splitLogin(link) : undefined;
    if (page) {
      pages.push(page);
      continue;
    }
    const place = resolvePlace(link, home, process.cwd());
    if (await isFolder(place)) folders.push(place);
    else log(`${place}, which the configuration of ${tool?.origin} names, is no folder of wheels.`);
  }
  return { folders, pages, origin: tool?.origin ?? 'default' };
}

async function isFolder(place: string): Promise<boolean> {
  return await stat(place).then(
    (status) => status.isDirectory(),
    () => false,
  );
}

/** Node reads NODE_EXTRA_CA_CERTS by itself only while nothing else is named. */
function certificateFilesOf(
  uv: ToolConfiguration,
  pip: ToolConfiguration,
  env: PersonalPlaces['env'],
): readonly string[] {
  const files = [pip.certificateFile, uv.certificateFile].filter((file) => file !== undefined);
  return [
    ...new Set(files.length > 0 && env.NODE_EXTRA_CA_CERTS ? [...files, env.NODE_EXTRA_CA_CERTS] : files),
  ];
}
