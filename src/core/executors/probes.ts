import { setTimeout as sleep } from 'node:timers/promises';
import { Capability } from '../contract/capability.ts';
import { CodeModeError } from '../contract/errors.ts';
import type { ExecutionResult } from '../contract/execution.ts';
import type { Executor } from '../contract/executor.ts';
import { probeFilesystemIsolation } from './probes/files.ts';
import { probeNetworkFiltering, probeNetworkIsolation } from './probes/network.ts';
import { failed, HANG_S, oneLine, type ProbeResult, passed } from './probes/outcome.ts';
import { probeOwnProcesses } from './probes/ownProcesses.ts';
import { probeDepsInstall, probeDepsUninstall } from './probes/packages.ts';

export type { ProbeResult } from './probes/outcome.ts';
export { ProbePackages } from './probes/packages.ts';

/** Puts one capability to the test on a started executor, which it leaves usable. Those of packages want a package for it. */
export type Probe = (executor: Executor) => Promise<ProbeResult>;

/** Seconds of processor time that a probe uses up at most to see a limit hold. */
const LONGEST_BURN_S = 20;
/** Seconds of processor time that tell a busy process; they are listed without their fractions. */
const BUSY_S = 2;
/** Milliseconds between two looks at the processes. */
const LOOK_MS = 250;

/** One probe for each capability; only those that an executor declares are worth running. */
export const PROBES: Readonly<Record<Capability, Probe>> = {
  [Capability.TIMEOUT]: probeTimeout,
  [Capability.PROCESS_ISOLATION]: probeProcessIsolation,
  [Capability.NETWORK_ISOLATION]: probeNetworkIsolation,
  [Capability.NETWORK_FILTERING]: probeNetworkFiltering,
  [Capability.FILESYSTEM_ISOLATION]: probeFilesystemIsolation,
  [Capability.MEMORY_LIMIT]: probeMemoryLimit,
  [Capability.CPU_LIMIT]: probeCpuLimit,
  [Capability.RESET]: probeReset,
  [Capability.DEPS_INSTALL]: probeDepsInstall,
  [Capability.DEPS_UNINSTALL]: probeDepsUninstall,
};

/**
 * Runs the probe of `capability`. A probe that throws or hangs has failed: the promise was not kept.
 */
export async function runProbe(capability: Capability, executor: Executor): Promise<ProbeResult> {
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<ProbeResult>((resolve) => {
    timer = setTimeout(() => resolve(failed(`nothing happened within ${HANG_S} s`)), HANG_S * 1000);
  });
  try {
    return await Promise.race([PROBES[capability](executor), hung]);
  } catch (error) {
    return failed(`the probe itself failed: ${CodeModeError.describe(error).replaceAll('\n', ' ')}`);
  } finally {
    clearTimeout(timer);
  }
}

async function probeTimeout(executor: Executor): Promise<ProbeResult> {
  const started = performance.now();
  const result = await executor.run('while True: pass', { timeoutS: 1 });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (result.status !== 'timeout') return failed(`"while True: pass" with 1 s ended as "${result.status}"`);
  const next = await works(executor);
  return next.passed
    ? passed(`"while True: pass" with 1 s was stopped after ${seconds} s; ${next.saw}`)
    : next;
}

async function probeProcessIsolation(executor: Executor): Promise<ProbeResult> {
  const exit = await executor.run('import os\nos._exit(7)', { timeoutS: HANG_S / 4 });
  if (exit.status !== 'died') return failed(`os._exit(7) ended as "${exit.status}", not with the process`);
  const next = await works(executor);
  if (!next.passed) return next;
  const killed = await (executor.container ? probeOwnProcesses(executor) : killInterpreter(executor));
  return killed.passed
    ? passed(`this process (${process.pid}) outlived os._exit(7) in Python; ${killed.saw}; ${next.saw}`)
    : killed;
}

/**
 * Kills the process that a busy run keeps busy and waits for the end of the run. The process is found below this one by
 * its processor time: others are there too, such as an interpreter that is kept ready.
 */
async function killInterpreter(executor: Executor): Promise<ProbeResult> {
  const before = await processorTimes(process.pid);
  if (!before) return passed('processes could not be listed here, so none was killed');
  let hasEnded = false;
  const run = executor.run('while True: pass', { timeoutS: HANG_S / 2 }).finally(() => {
    hasEnded = true;
  });
  let busy: number | undefined;
  while (busy === undefined && !hasEnded) {
    await sleep(LOOK_MS);
    const now = (await processorTimes(process.pid)) ?? new Map<number, number>();
    busy = [...now].find(([pid, seconds]) => seconds - (before.get(pid) ?? 0) >= BUSY_S)?.[0];
  }
  if (busy !== undefined) killQuietly(busy);
  const result = await run;
  if (busy === undefined && isEndedByCpuLimit(result)) {
    return passed('a limit of the processor ended the busy run, so that no process was killed');
  }
  if (busy === undefined) return failed('no process below this one was busy with a busy run');
  if (result.status !== 'died') return failed(`a run whose process was killed ended as "${result.status}"`);
  const next = await works(executor);
  return next.passed ? passed(`process ${busy} was killed and only its run ended`) : next;
}

async function probeMemoryLimit(executor: Executor): Promise<ProbeResult> {
  const code = 'hoard = []\nwhile True: hoard.append(bytearray(1 << 26))';
  const result = await executor.run(code, { timeoutS: HANG_S / 2 });
  const clean = result.error?.type === 'MemoryError' || result.status === 'died';
  if (!clean) return failed(`memory without end ended as ${describeEnd(result)}`);
  await executor.run('hoard = None');
  const next = await works(executor);
  return next.passed ? passed(`memory without end ended as ${describeEnd(result)}; ${next.saw}`) : next;
}

async function probeCpuLimit(executor: Executor): Promise<ProbeResult> {
  const { value } = await executor.run(CPU_BOUND, { timeoutS: HANG_S / 4 });
  if (typeof value === 'string') return passed(`the limit in force is ${value}`);
  if (typeof value !== 'number') return failed('neither a control group nor a limit bounds the processor');
  if (value > LONGEST_BURN_S) return passed(`the system ends the process after ${value} s of processor time`);
  const result = await executor.run('while True: pass', { timeoutS: HANG_S * 0.75 });
  const ended = `"while True: pass" ended as ${describeEnd(result)}`;
  if (!isEndedByCpuLimit(result)) return failed(ended);
  const next = await works(executor);
  return next.passed ? passed(`${ended}; ${next.saw}`) : next;
}

function isEndedByCpuLimit({ status, error }: ExecutionResult): boolean {
  return status === 'died' || error?.type === 'CpuLimitError';
}

async function probeReset(executor: Executor): Promise<ProbeResult> {
  await executor.run('probe_variable = 1');
  await executor.reset();
  const gone = await executor.run('"probe_variable" in globals()');
  if (gone.value !== false) return failed('a variable survived the reset');
  const kept = await executor.run(
    '[name for name in ("tools", "workflows", "artifacts", "deps") if name not in globals()]',
  );
  if (!Array.isArray(kept.value) || kept.value.length > 0)
    return failed(`the reset lost ${oneLine(kept.value)}`);
  return passed('a variable was gone and tools, workflows, artifacts and deps were still there');
}

async function works(executor: Executor): Promise<ProbeResult> {
  const result = await executor.run('6 * 7', { timeoutS: HANG_S / 4 });
  return result.value === 42
    ? passed('the next run worked')
    : failed(`the next run ended as ${describeEnd(result)}`);
}

/** A bound of the processor by a control group as text, or the seconds of processor time that the process has left. */
const CPU_BOUND = `
def _probe():
    import pathlib
    for name in ("/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us"):
        try:
            text = pathlib.Path(name).read_text().strip()
            if text and not text.startswith(("max", "-1")):
                return f"{name}: {text}"
        except OSError:
            pass
    try:
        import resource, time
        soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
        if soft != resource.RLIM_INFINITY:
            return round(soft - time.process_time(), 1)
    except (ImportError, OSError):
        pass
_probe()`;

/** Seconds of processor time of the processes below `root`, by their ids; undefined where they can't be listed. */
async function processorTimes(root: number): Promise<Map<number, number> | undefined> {
  try {
    // Loaded here, since nothing but a probe needs it.
    const { execa } = await import('execa');
    const { stdout } = await execa('ps', ['-A', '-o', 'pid=,ppid=,time=']);
    const rows = stdout
      .trim()
      .split('\n')
      .map((row) => row.trim().split(/\s+/) as [string, string, string])
      .map(([pid, parent, time]) => ({ pid: Number(pid), parent: Number(parent), seconds: inSeconds(time) }));
    const found = new Map([[root, 0]]);
    // A map is gone through in order, with what is added meanwhile.
    for (const above of found.keys())
      for (const { pid, parent, seconds } of rows) if (parent === above) found.set(pid, seconds);
    found.delete(root);
    return found;
  } catch {
    return undefined;
  }
}

/** `mm:ss` and longer forms, with or without a fraction. */
function inSeconds(time: string): number {
  return time.split(/[-:]/).reduce((sum, part) => sum * 60 + Number(part), 0);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function describeEnd(result: ExecutionResult): string {
  return result.error ? `${result.status} (${result.error.type})` : result.status;
}
