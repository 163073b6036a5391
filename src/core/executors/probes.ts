import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Capability } from '../contract/capability.ts';
import { CodeModeError } from '../contract/errors.ts';
import type { ExecutionResult } from '../contract/execution.ts';
import type { Executor } from '../contract/executor.ts';

/** What a probe saw. Plain data. */
export interface ProbeResult {
  readonly passed: boolean;
  /** One line for a person: what was tried and what happened. */
  readonly saw: string;
}

/** Puts one capability to the test on a started executor, which it leaves usable. */
export type Probe = (executor: Executor) => Promise<ProbeResult>;

/** Far above what any probe needs: it only keeps a broken promise from hanging whoever asked. */
const HANG_S = 60;
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
  const killed = await killInterpreter(executor);
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
  if (busy === undefined) return failed('no process below this one was busy with a busy run');
  if (result.status !== 'died') return failed(`a run whose process was killed ended as "${result.status}"`);
  const next = await works(executor);
  return next.passed ? passed(`process ${busy} was killed and only its run ended`) : next;
}

async function probeNetworkIsolation(executor: Executor): Promise<ProbeResult> {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const result = await executor.run(networkAttempts('127.0.0.1', port), { timeoutS: HANG_S / 2 });
    if (result.status !== 'ok') return failed(`the attempts to connect ended as "${result.status}"`);
    return connections === 0
      ? passed(`no connection arrived at a local server; Python saw ${oneLine(result.value)}`)
      : failed(`${connections} connection(s) reached a local server`);
  } finally {
    server.close();
  }
}

async function probeNetworkFiltering(executor: Executor): Promise<ProbeResult> {
  // The name is reserved for documentation, so it is on nobody's list of allowed domains.
  const result = await executor.run(networkAttempts('example.invalid', 80), { timeoutS: HANG_S / 2 });
  if (result.status !== 'ok') return failed(`the attempts to connect ended as "${result.status}"`);
  return String(result.value).includes('connected')
    ? failed('a domain that is not on the list was reached')
    : passed(`a domain that is not on the list was refused; Python saw ${oneLine(result.value)}`);
}

async function probeFilesystemIsolation(executor: Executor): Promise<ProbeResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'code-mode-probe-'));
  const secret = `secret-${process.hrtime.bigint()}`;
  try {
    await writeFile(path.join(folder, 'secret.txt'), secret);
    const result = await executor.run(fileAttempts(folder), { timeoutS: HANG_S / 2 });
    const seen = JSON.stringify([result.value, result.stdout, result.stderr, result.error]);
    const written = (await readdir(folder)).filter((name) => name !== 'secret.txt');
    if (seen.includes(secret)) return failed(`a file in ${folder} was read`);
    if (written.length > 0) return failed(`a file in ${folder} was written`);
    if (result.status !== 'ok') return failed(`the attempts on files ended as "${result.status}"`);
    return passed(`a file outside could be neither read nor written; Python saw ${oneLine(result.value)}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
  const result = await executor.run(CPU_BOUND, { timeoutS: HANG_S / 4 });
  return typeof result.value === 'string'
    ? passed(`the limit in force is ${result.value}`)
    : failed('neither a control group nor a resource limit bounds the processor');
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

/** Small, pure Python, without dependencies: what an installer can get anywhere. */
const PROBE_PACKAGE = 'iniconfig';

async function probeDepsInstall(executor: Executor): Promise<ProbeResult> {
  const installed = await executor.installDeps([PROBE_PACKAGE]);
  const failure = installed.failed[0];
  if (failure) return failed(`${PROBE_PACKAGE} could not be installed: ${failure.reason}`);
  const imported = await executor.run(`import ${PROBE_PACKAGE}`);
  return imported.status === 'ok'
    ? passed(`${PROBE_PACKAGE} was installed and imported`)
    : failed(`${PROBE_PACKAGE} was installed but could not be imported`);
}

async function probeDepsUninstall(executor: Executor): Promise<ProbeResult> {
  await executor.installDeps([PROBE_PACKAGE]);
  const result = await executor.uninstallDeps([PROBE_PACKAGE]);
  if (!result.removed.includes(PROBE_PACKAGE)) return failed(`${PROBE_PACKAGE} could not be removed`);
  const found = await executor.run(
    `import importlib.util\nimportlib.util.find_spec("${PROBE_PACKAGE}") is None`,
  );
  return found.value === true
    ? passed(`${PROBE_PACKAGE} was installed and removed again`)
    : failed(`${PROBE_PACKAGE} can still be imported`);
}

async function works(executor: Executor): Promise<ProbeResult> {
  const result = await executor.run('6 * 7', { timeoutS: HANG_S / 4 });
  return result.value === 42
    ? passed('the next run worked')
    : failed(`the next run ended as ${describeEnd(result)}`);
}

/** Every way to a connection that Python has here, by the error that it ends with. */
function networkAttempts(host: string, port: number): string {
  return `
def _probe():
    import asyncio, socket, urllib.request
    seen = {}
    def attempt(name, action):
        try:
            action()
            seen[name] = "connected"
        except BaseException as error:
            seen[name] = type(error).__name__
    def plain():
        connection = socket.create_connection((${JSON.stringify(host)}, ${port}), timeout=3)
        connection.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
        connection.recv(1)
    attempt("socket", plain)
    attempt("urllib", lambda: urllib.request.urlopen("http://${host}:${port}/", timeout=3).read())
    async def fetch():
        from pyodide.http import pyfetch
        await pyfetch("http://${host}:${port}/")
    return seen, fetch
_seen, _fetch = _probe()
try:
    await _fetch()
    _seen["fetch"] = "connected"
except BaseException as error:
    _seen["fetch"] = type(error).__name__
_seen`;
}

/** Every way to a file of the host that Python has here. */
function fileAttempts(folder: string): string {
  return `
def _probe():
    import os
    folder = ${JSON.stringify(folder)}
    seen = {}
    def attempt(name, action):
        try:
            seen[name] = action()
        except BaseException as error:
            seen[name] = type(error).__name__
    attempt("read", lambda: open(os.path.join(folder, "secret.txt")).read())
    attempt("write", lambda: open(os.path.join(folder, "written.txt"), "w").write("x"))
    attempt("list", lambda: os.listdir(folder))
    def mounted():
        import pyodide_js
        os.makedirs("/probe-mount", exist_ok=True)
        pyodide_js.mountNodeFS("/probe-mount", folder)
        open("/probe-mount/written-by-mount.txt", "w").write("x")
        return open("/probe-mount/secret.txt").read()
    attempt("mount", mounted)
    def shell():
        import subprocess
        return subprocess.run(["cat", os.path.join(folder, "secret.txt")], capture_output=True, text=True).stdout
    attempt("subprocess", shell)
    return seen
_probe()`;
}

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
        import resource
        soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
        if soft != resource.RLIM_INFINITY:
            return f"RLIMIT_CPU: {soft} s"
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

function oneLine(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 200) ?? 'nothing';
}

function passed(saw: string): ProbeResult {
  return { passed: true, saw };
}

function failed(saw: string): ProbeResult {
  return { passed: false, saw };
}
