import { withLogin } from './loginUrl.ts';
import type { PackageSources, SourceOrigin } from './packageSources.ts';

/** What an installer has to be told. Addresses have user and password: for its environment, never to be shown. */
export interface InstallerSources {
  /** Undefined: it knows by itself. */
  readonly indexUrl: string | undefined;
  readonly extraIndexUrls: readonly string[];
  /** Absolute paths of folders, and URLs of pages. */
  readonly findLinks: readonly string[];
  readonly offline: boolean;
  /** A PEM file that it would not look at by itself; undefined: there is none. */
  readonly certificateFile: string | undefined;
}

/**
 * What an installer can't know: what the settings say, and what the configuration of the other installer says where its own
 * says nothing. The rest it reads itself, unless it runs `elsewhere`, where none of that is.
 */
export async function installerSources(
  installer: 'uv' | 'pip' | 'elsewhere',
  sources: PackageSources,
): Promise<InstallerSources> {
  const { origins, credentials } = sources;
  const isNews = (origin: SourceOrigin) => origin !== installer && origin !== 'default';
  const withKeptLogin = async (url: string) => withLogin(url, await credentials.keptLoginFor(url));
  const extra = isNews(origins.extraIndexes) ? sources.extraIndexUrls : [];
  const pages = isNews(origins.wheels) ? sources.linkPages : [];
  const folders = isNews(origins.wheels) ? sources.wheelFolders : [];
  return {
    indexUrl: isNews(origins.index) ? await withKeptLogin(sources.indexUrl) : undefined,
    extraIndexUrls: await Promise.all(extra.map(withKeptLogin)),
    findLinks: [...folders, ...(await Promise.all(pages.map(withKeptLogin)))],
    offline: sources.offline && isNews(origins.offline),
    certificateFile: sources.certificateFiles[0],
  };
}
