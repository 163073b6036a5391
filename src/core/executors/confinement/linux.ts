import { overBridge } from './bridge.ts';
import { bubblewrapArguments } from './bubblewrap.ts';
import type { Command, ConfinedCommand } from './confinedCommand.ts';
import { startSocketFilter } from './domainFilter.ts';
import type { Wish } from './mounts.ts';
import type { CheckedPolicy } from './policy.ts';
import { requireProgram, SHELL } from './programs.ts';
import { holdPlaceholder, protectionOf } from './protectedPlaces.ts';
import { withoutProxy } from './proxyEnvironment.ts';
import { systemCallFilter } from './systemCalls.ts';

/**
 * Confines a program by bubblewrap.
 * @throws SettingsError where a folder cannot be writable, CodeModeError where a program is missing
 */
export async function confineOnLinux(
  program: Command,
  policy: CheckedPolicy,
  signal?: AbortSignal,
): Promise<ConfinedCommand> {
  const bubblewrap = requireProgram('bwrap');
  const protections = await Promise.all(
    policy.writable.map((folder) => protectionOf(folder, policy.readOnly)),
  );
  signal?.throwIfAborted();
  const releases: (() => void | Promise<void>)[] = protections
    .flatMap((protection) => protection.placeholders)
    .map(holdPlaceholder);
  const release = async () => {
    for (const free of releases.splice(0).reverse()) await free();
  };
  const wishes = protections.flatMap((protection) => protection.wishes);
  try {
    wishes.push(shown(program.command));
    let inner = policy.network === 'on' ? program : { ...program, env: withoutProxy(program.env) };
    if (typeof policy.network === 'object') {
      const filter = await startSocketFilter(policy.network.allowedDomains);
      releases.push(filter.close);
      const socat = requireProgram('socat');
      inner = overBridge(program, socat, filter.socket);
      wishes.push(...[filter.socket, SHELL, socat].map(shown));
    }
    const options = await bubblewrapArguments(policy, wishes);
    signal?.throwIfAborted();
    const args = [...options, '--', inner.command, ...inner.args];
    return { ...filterSystemCalls(bubblewrap, args), env: inner.env, detached: true, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Where bubblewrap finds the filter: a shell's redirection takes one digit. */
const FILTER_DESCRIPTOR = 9;

/** Bubblewrap with a filter of system calls, which it takes from a file descriptor, that of nobody who spawns it. */
function filterSystemCalls(bubblewrap: string, args: readonly string[]): Pick<Command, 'command' | 'args'> {
  const filter = systemCallFilter();
  if (filter === undefined) return { command: bubblewrap, args };
  const script = `exec "$@" ${FILTER_DESCRIPTOR}<"$0"`;
  return {
    command: SHELL,
    args: ['-c', script, filter, bubblewrap, '--seccomp', String(FILTER_DESCRIPTOR), ...args],
  };
}

function shown(place: string): Wish {
  return { path: place, kind: 'shown' };
}
