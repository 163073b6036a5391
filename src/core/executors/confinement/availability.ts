import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { bubblewrapArguments } from './bubblewrap.ts';
import { findProgram, howToInstall } from './programs.ts';

/** Whether this machine can do something; `missing` says to a person why not and what to install or change. */
export type Availability =
  | { readonly available: true }
  | { readonly available: false; readonly missing: string };

/** Far above what a start takes: it only keeps a machine where nothing moves from holding up everything. */
const TRIAL_MS = 10_000;

let confinement: Promise<Availability> | undefined;

/**
 * Whether programs can be confined here, by a trial. What was found is remembered, unless something is missing: once
 * it is installed it counts.
 */
export function checkConfinement(): Promise<Availability> {
  confinement ??= tryConfinement().then((found) => {
    if (!found.available) confinement = undefined;
    return found;
  });
  return confinement;
}

/** Whether the network of confined programs can be limited to some domains. */
export async function checkDomainFilter(): Promise<Availability> {
  const found = await checkConfinement();
  if (!found.available || process.platform !== 'linux') return found;
  return (await findProgram('socat')) ? found : missing(howToInstall('socat'));
}

async function tryConfinement(): Promise<Availability> {
  switch (process.platform) {
    case 'linux':
      return tryBubblewrap();
    case 'darwin':
      return trySeatbelt();
    default:
      return missing('There is no sandbox for this system; on Windows, WSL has one.');
  }
}

async function tryBubblewrap(): Promise<Availability> {
  const program = await findProgram('bwrap');
  if (!program) return missing(howToInstall('bwrap'));
  const args = await bubblewrapArguments({
    writable: [],
    readOnly: [],
    readable: [],
    otherFiles: 'visible',
    hidden: [],
    network: 'off',
    workingFolder: '/',
  });
  // Bubblewrap itself is a program that is certainly there.
  const complaint = await run(program, [...args, '--', program, '--version']);
  return complaint === undefined ? { available: true } : missing(await explain(complaint));
}

async function trySeatbelt(): Promise<Availability> {
  const complaint = await run('/usr/bin/sandbox-exec', ['-p', '(version 1)(allow default)', '/usr/bin/true']);
  return complaint === undefined
    ? { available: true }
    : missing(`macOS's own sandbox does not work: ${complaint}`);
}

/** @returns what it complained about, undefined where it ended well */
function run(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: TRIAL_MS, killSignal: 'SIGKILL' }, (error, _stdout, stderr) =>
      resolve(error ? stderr.trim().split('\n').at(-1) || error.message : undefined),
    );
  });
}

/** What to change, by the settings of the kernel that forbid a namespace. */
async function explain(complaint: string): Promise<string> {
  const reason = `bubblewrap is installed, but this system does not let it work (${complaint}).`;
  const value = async (setting: string) =>
    (await readFile(`/proc/sys/${setting}`, 'utf8').catch(() => '')).trim();
  if ((await value('kernel/apparmor_restrict_unprivileged_userns')) === '1') {
    return `${reason} AppArmor keeps programs from making user namespaces: install its profile for bwrap (on Ubuntu: sudo apt install apparmor-profiles, then load bwrap-userns-restrict), or run: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`;
  }
  if ((await value('kernel/unprivileged_userns_clone')) === '0') {
    return `${reason} User namespaces are switched off: sudo sysctl kernel.unprivileged_userns_clone=1`;
  }
  if ((await value('user/max_user_namespaces')) === '0') {
    return `${reason} User namespaces are switched off: sudo sysctl user.max_user_namespaces=10000`;
  }
  return `${reason} In a container it needs to be allowed to make namespaces and to mount /proc: start the container with --security-opt seccomp=unconfined --security-opt systempaths=unconfined, or with --privileged.`;
}

function missing(reason: string): Availability {
  return { available: false, missing: reason };
}
