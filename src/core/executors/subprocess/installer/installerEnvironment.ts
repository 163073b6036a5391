import type { InstallerSources } from '../../../deps/sources/installerSources.ts';
import { isUrl, pipVariables } from '../../installing/pipArguments.ts';
import { childEnvironment } from '../environmentVariables.ts';

/** What installers are configured with, and what takes them to their indexes; it may look like a secret or be one. */
const NEEDED = /^(?:PIP_|UV_(?!PUBLISH_)|SSL_CERT_|REQUESTS_CA_BUNDLE$|CURL_CA_BUNDLE$|NETRC$|\w+_PROXY$)/i;
/**
 * What would lead an installer to another environment, or let it answer in a form that is not read here; what changes how
 * every Python starts.
 */
const MISLEADING =
  /^(?:PYTHON|VIRTUAL_ENV$|__PYVENV_LAUNCHER__$|FORCE_COLOR$|CLICOLOR|UV_(?:PYTHON$|SYSTEM_PYTHON|PROJECT|WORKING_DIR|OUTPUT_FORMAT|BREAK_SYSTEM)|PIP_(?:USER|TARGET|PREFIX|ROOT|PYTHON|DRY_RUN|REPORT|QUIET|VERBOSE|LOG|REQUIREMENT|EDITABLE|BREAK_SYSTEM)$)/i;

/**
 * The environment variables of an installer: the person's own configuration of it, without their other secrets. Where
 * packages come from stands here as well, since everybody can read a command line.
 */
export function installerEnvironment(
  installer: 'uv' | 'pip',
  sources: InstallerSources,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const names = Object.keys(environment);
  const needed = names.filter((name) => NEEDED.test(name));
  const kept = Object.entries(childEnvironment(environment, needed)).filter(
    ([name]) => !MISLEADING.test(name),
  );
  const env: Record<string, string> = {
    ...Object.fromEntries(kept),
    PYTHONNOUSERSITE: '1',
    PYTHONIOENCODING: 'utf-8',
    NO_COLOR: '1',
    // A build may ask git, which would wait for an answer.
    GIT_TERMINAL_PROMPT: '0',
    PIP_USER: '0',
    PIP_NO_INPUT: '1',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
  };
  if (installer === 'pip') return { ...env, ...pipVariables(sources) };
  const { indexUrl, extraIndexUrls, certificateFile } = sources;
  // Both names of uv's, so that the one that a person has set does not win over the setting.
  if (indexUrl !== undefined) env.UV_DEFAULT_INDEX = env.UV_INDEX_URL = indexUrl;
  if (extraIndexUrls.length > 0) env.UV_INDEX = env.UV_EXTRA_INDEX_URL = extraIndexUrls.join(' ');
  if (certificateFile !== undefined) env.SSL_CERT_FILE = certificateFile;
  // uv takes either its arguments or this.
  if (sources.findLinks.some(isUrl)) env.UV_FIND_LINKS = sources.findLinks.join(',');
  return env;
}
