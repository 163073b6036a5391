import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { confineOnLinux } from './linux.ts';
import type { CheckedPolicy } from './policy.ts';
import { findProgram, howToInstall } from './programs.ts';
import { TrialRecord } from './trialRecord.ts';

/** Whether this machine can do something; `missing` says to a person why not and what to install or change. */
export type Availability =
  | { readonly available: true }
  | { readonly available: false; readonly missing: string };

/** Far above what a start takes: it only keeps a machine where nothing moves from holding up everything. */
const TRIAL_MS = 5_000;
/** Milliseconds after which an earlier trial that was relied upon is repeated. */
const REPEAT_MS = 5_000;

const TRIAL_POLICY: CheckedPolicy = {
  writable: [],
  readOnly: [],
  readable: [],
  otherFiles: 'visible',
  hidden: [],
  network: 'off',
  workingFolder: '/',
};

let confinement: Promise<Availability> | undefined;

/**
 * Whether programs can be confined here, by a trial of this process or of an earlier one. What was found is remembered,
 * unless something is missing: once it is installed it counts.
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
  return findProgram('socat') ? found : missing(howToInstall('socat'));
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
  const program = findProgram('bwrap');
  if (!program) return missing(howToInstall('bwrap'));
  const record = new TrialRecord(program);
  const tryNow = async () => {
    const found = await tryProgram(program);
    if (found.available) record.keep();
    else record.forget();
    return found;
  };
  if (!record.counts()) return tryNow();
  // A trial takes as long as a start. It comes later, so that what nothing here tells of is noticed as well.
  setTimeout(async () => {
    if (!(await tryNow()).available) confinement = undefined;
  }, REPEAT_MS).unref();
  return { available: true };
}

async function tryProgram(program: string): Promise<Availability> {
  // Bubblewrap itself is a program that is certainly there.
  const trial = await confineOnLinux({ command: program, args: ['--version'], env: {} }, TRIAL_POLICY);
  try {
    const complaint = await run(trial.command, trial.args);
    return complaint === undefined ? { available: true } : missing(await explain(complaint));
  } finally {
    await trial.release();
  }
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
    execFile(program, args, { timeout: TRIAL_MS, killSignal: 'SIGKILL' }, (error, _stdout, stderr) => {
      if (!error) return resolve(undefined);
      const complaint = stderr.trim().split('\n').at(-1);
      return resolve(complaint || (error.killed ? 'it does not answer' : `it ended with ${error.code}`));
    });
  });
}

/** Settings of the kernel that forbid the namespaces, each with its forbidding value and what helps. */
const FORBIDDING = [
  [
    'kernel/apparmor_restrict_unprivileged_userns',
    '1',
    'AppArmor forbids user namespaces: load its profile bwrap-userns-restrict (on Ubuntu in the package apparmor-profiles), or run: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0',
  ],
  [
    'kernel/unprivileged_userns_clone',
    '0',
    'User namespaces are switched off; to switch them on: sudo sysctl kernel.unprivileged_userns_clone=1',
  ],
  [
    'user/max_user_namespaces',
    '0',
    'User namespaces are switched off; to switch them on: sudo sysctl user.max_user_namespaces=10000',
  ],
] as const;

/** For a person: why bubblewrap does not work, and what to change. */
async function explain(complaint: string): Promise<string> {
  const reason = `bubblewrap is installed, but this system does not let it work (${complaint}).`;
  for (const [setting, forbidding, help] of FORBIDDING) {
    const value = await readFile(`/proc/sys/${setting}`, 'utf8').catch(() => '');
    if (value.trim() === forbidding) return `${reason} ${help}`;
  }
  return `${reason} It needs user namespaces and a /proc of its own. A container has them where it is started with: --security-opt seccomp=unconfined --security-opt systempaths=unconfined`;
}

function missing(reason: string): Availability {
  return { available: false, missing: reason };
}
