import { readFile } from 'node:fs/promises';
import { reasonOf } from '../../../common/files/systemErrors.ts';
import { InstallError } from '../../../contract/errors.ts';
import type { Json } from '../../../contract/execution.ts';
import type { InstallRequest } from '../../../deps/installer.ts';
import type { InstallerSources } from '../../../deps/sources/installerSources.ts';
import { PIP_FLAGS, pipInstall, pipUninstall, pipVariables } from '../../installing/pipArguments.ts';
import { TUNNEL_PORT } from '../link/containerLink.ts';
import type { OfferedFiles } from './offeredFiles.ts';
import { requirementsInside } from './requirementsInside.ts';

/** Absolute path inside of what pip is given; it goes with the container. */
const FOLDER = '/tmp/code-mode-pip';
/** The way out, inside. */
const PROXY = `http://127.0.0.1:${TUNNEL_PORT}`;
const CERTIFICATES = `${FOLDER}/certificates.pem`;

/** What of the person's own configuration of pip names no file and no place. */
const PASSED = [
  'PIP_TRUSTED_HOST',
  'PIP_TIMEOUT',
  'PIP_DEFAULT_TIMEOUT',
  'PIP_RETRIES',
  'PIP_PRE',
  'PIP_NO_BINARY',
  'PIP_ONLY_BINARY',
  'PIP_PREFER_BINARY',
];

/** How pip is called in a container. */
export interface PipInside {
  readonly sources: InstallerSources;
  readonly buildsFromSource: boolean;
  readonly offered: OfferedFiles;
}

/** What `change` of `container_init/packages.py` takes, to install. @throws InstallError for files that it can't be given */
export async function installInside(request: InstallRequest, pip: PipInside): Promise<Json> {
  const { sources, offered } = pip;
  const { requirementsFile: file, ...rest } = request;
  const requirements = file === undefined ? undefined : await requirementsInside(file, FOLDER, offered);
  const { certificateFile } = sources;
  const inside: InstallerSources = {
    ...sources,
    findLinks: sources.findLinks.map((place) => (/^https?:/i.test(place) ? place : offered.addFolder(place))),
    certificateFile: certificateFile === undefined ? undefined : CERTIFICATES,
  };
  const plan = {
    ...rest,
    ...(requirements && { requirementsFile: requirements.file }),
    sources: inside,
    buildsFromSource: pip.buildsFromSource,
  };
  return {
    arguments: [...PIP_FLAGS, ...pipInstall(plan)],
    variables: variables(inside),
    files: {
      ...requirements?.files,
      ...(certificateFile !== undefined && { [CERTIFICATES]: await readCertificates(certificateFile) }),
    },
    gone: [],
  };
}

/** As {@link installInside}, to remove. @param names - normalised */
export function uninstallInside(names: readonly string[]): Json {
  return { arguments: [...PIP_FLAGS, ...pipUninstall(names)], variables: {}, files: {}, gone: [...names] };
}

/**
 * The hosts with their ports of all addresses in a request, such as those of the indexes: what builds packages reaches
 * nothing else on this machine.
 */
export function placesIn(request: Json): ReadonlySet<string> {
  const urls = JSON.stringify(request).match(/https?:\/\/[^\s"'\\<>]+/gi) ?? [];
  return new Set(
    urls
      .filter((text) => text !== PROXY && URL.canParse(text))
      .map((text) => {
        const { protocol, hostname, port } = new URL(text);
        return `${hostname.replace(/^\[|\]$/g, '')}:${port || (protocol === 'https:' ? 443 : 80)}`;
      }),
  );
}

/** Sent in over the stream: indexes may have passwords in their addresses. */
function variables(sources: InstallerSources): Record<string, string> {
  const passed = PASSED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const certificates = sources.certificateFile;
  return {
    ...Object.fromEntries(passed),
    ...pipVariables(sources),
    // For what builds fetch by themselves.
    ...(certificates !== undefined && { SSL_CERT_FILE: certificates, REQUESTS_CA_BUNDLE: certificates }),
    PYTHONNOUSERSITE: '1',
    PYTHONIOENCODING: 'utf-8',
    NO_COLOR: '1',
    GIT_TERMINAL_PROMPT: '0',
    PIP_USER: '0',
    // A workspace's code must not be what another one installs.
    PIP_NO_CACHE_DIR: '1',
    // Also to 127.0.0.1, which is this machine: indexes and what is offered may be there.
    ...Object.fromEntries(
      ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].map((name) => [name, PROXY]),
    ),
  };
}

async function readCertificates(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new InstallError(`The certificates in ${file} can't be read: ${reasonOf(error)}.`, {
      hint: 'See to the file that the configuration of pip or uv names.',
      cause: error,
    });
  }
}
