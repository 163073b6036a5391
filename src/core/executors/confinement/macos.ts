import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Command, ConfinedCommand } from './confinedCommand.ts';
import { startPortFilter } from './domainFilter.ts';
import type { CheckedPolicy } from './policy.ts';
import { protectionOf } from './protectedPlaces.ts';
import { withoutProxy, withProxy } from './proxyEnvironment.ts';
import { secretPlaces } from './secretPlaces.ts';

// Not run by this project's tests, which run on Linux: there is only a look at what would be run.

/** What a program needs to be started, where other files are hidden. */
const SYSTEM = ['/System', '/Library/Apple', '/usr/lib', '/usr/share', '/bin', '/usr/bin', '/dev'].concat(
  ['/etc', '/var/db/dyld', '/var/db/timezone', '/var/select'].map((place) => `/private${place}`),
);
const DEVICES = ['/dev/null', '/dev/zero', '/dev/tty', '/dev/random', '/dev/urandom', '/dev/dtracehelper'];

/**
 * Confines a program by macOS's own sandbox, with a profile that the sandbox library writes. A place is denied there
 * whether it exists or not, so nothing has to be put in its stead. Other than on Linux, the end of this process ends
 * the program only by the end of its pipes.
 * @throws SettingsError where a folder cannot be writable
 */
export async function confineOnMacOS(
  program: Command,
  policy: CheckedPolicy,
  signal?: AbortSignal,
): Promise<ConfinedCommand> {
  const { quote, wrapCommandWithSandboxMacOS } = await import('./sandboxRuntime.ts');
  const protections = await Promise.all(
    policy.writable.map((folder) => protectionOf(folder, policy.readOnly)),
  );
  const writable = protections.map(({ folder }) => folder);
  const readable = await Promise.all([...policy.readable, program.command].map(real));
  const readOnly = protections.flatMap(({ wishes }) =>
    wishes.filter(({ kind }) => kind === 'readOnly').map((wish) => wish.path),
  );
  const { otherFiles, network } = policy;
  signal?.throwIfAborted();
  const token = randomBytes(16).toString('hex');
  const filter =
    typeof network === 'object' ? await startPortFilter(network.allowedDomains, token) : undefined;
  let env = network === 'on' ? program.env : withoutProxy(program.env);
  if (filter) env = withProxy(env, `http://srt:${token}@127.0.0.1:${filter.port}`);
  const script = wrapCommandWithSandboxMacOS({
    // The library changes some variables; these are ours again.
    command: quote(['/usr/bin/env', ...ownVariables(env), program.command, ...program.args]),
    commandId: path.basename(program.command),
    needsNetworkRestriction: network !== 'on',
    ...(filter && { httpProxyPort: filter.port, proxyAuthToken: token }),
    // For what Python's own processes say to each other.
    allowUnixSockets: writable,
    readConfig: {
      denyOnly: otherFiles === 'visible' ? [...secretPlaces(), ...policy.hidden] : ['/'],
      allowWithinDeny: [...readable, ...writable, ...(otherFiles === 'visible' ? [] : SYSTEM)],
    },
    writeConfig: {
      allowOnly: [...writable, ...DEVICES],
      denyWithinAllow: readOnly,
    },
  });
  return {
    command: '/bin/bash',
    args: ['-c', script],
    env,
    detached: true,
    release: async () => filter?.close(),
  };
}

function ownVariables(env: Command['env']): string[] {
  const names = Object.keys(env).filter((name) => name === 'TMPDIR' || /_proxy$/i.test(name));
  return names.map((name) => `${name}=${env[name]}`);
}

function real(place: string): Promise<string> {
  return realpath(place).catch(() => place);
}
