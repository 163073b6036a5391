import assert from 'node:assert/strict';
import { Capability } from '../../../src/core/contract/capability.ts';
import { assertUsable, HANG_S } from '../support/subject.ts';
import type { ContainerBench } from './bench.ts';

/** What code in a container is held to, tried from inside. */
export function describeContainerLimits(bench: ContainerBench): void {
  describe('as it is by default', () => {
    it('has no privileges, and nowhere to write but /tmp', async () => {
      const executor = await bench.start({ temporarySize: 16 });
      assert.ok(executor.supports(Capability.FILESYSTEM_ISOLATION), detail(executor.capabilityReport()));
      assert.deepEqual(
        await bench.value(
          executor,
          `
import os, pathlib, re
def attempt(action):
    try:
        action()
        return "done"
    except OSError as error:
        return error.strerror
status = pathlib.Path("/proc/self/status").read_text()
[
    os.getuid() != 0 and os.getgid() != 0,
    set(re.findall(r"^Cap\\w+:\\s*(\\w+)$", status, re.M)) == {"0" * 16},
    "NoNewPrivs:\\t1" in status,
    attempt(lambda: os.setuid(0)),
    [attempt(lambda: open(f"{folder}/x", "w")) for folder in ("", "/usr", "/etc", "/var/tmp", "/run", "/opt", "/root")],
    attempt(lambda: open("/tmp/x", "w").write("x")),
    os.getcwd(), os.path.expanduser("~"),
]`,
        ),
        [
          true,
          true,
          true,
          'Operation not permitted',
          [...Array(6).fill('Read-only file system'), 'Permission denied'],
          'done',
          '/tmp',
          '/tmp',
        ],
      );
    });

    it('has as much room in /tmp as the settings say', async () => {
      const executor = await bench.start({ temporarySize: 16 });
      const result = await executor.run('open("/tmp/large", "wb").write(bytes(32 << 20))', {
        timeoutS: HANG_S,
      });
      assert.match(result.error?.message ?? '', /No space left/);
      await executor.run('import os\nos.remove("/tmp/large")');
      await assertUsable(executor);
    });

    it('gains nothing from programs that run as root for everybody', async () => {
      const executor = await bench.start();
      assert.equal(
        await bench.value(
          executor,
          'import subprocess\nsubprocess.run(["su", "-c", "id"], capture_output=True, stdin=subprocess.DEVNULL).returncode != 0',
        ),
        true,
      );
    });
  });

  describe('with a memory limit', () => {
    it('tells one that asks for too much by a MemoryError, and the variables stay', async () => {
      const executor = await bench.start({ memoryLimit: 300 });
      assert.ok(executor.supports(Capability.MEMORY_LIMIT), detail(executor.capabilityReport()));
      await executor.run('kept = 7');
      const result = await executor.run('hoard = []\nwhile True: hoard.append(bytearray(b"x") * (1 << 20))', {
        timeoutS: HANG_S,
      });
      assert.equal(result.error?.type, 'MemoryError', JSON.stringify(result.error));
      assert.equal(await bench.value(executor, 'hoard = None\nkept'), 7);
    });

    it('kills what goes past it in another way, says so, and goes on', async () => {
      const executor = await bench.start({ memoryLimit: 200, temporarySize: 1000, fileSizeLimit: 0 });
      for (const code of [
        // Files of memory are nobody's data.
        'file = open("/dev/shm/hoard", "wb")\nwhile True: file.write(bytes(1 << 20))',
        'import mmap\nhoard = []\nwhile True:\n    hoard.append(mmap.mmap(-1, 1 << 20))\n    hoard[-1].write(b"x" * (1 << 20))',
      ]) {
        const result = await executor.run(code, { timeoutS: HANG_S });
        assert.equal(result.status, 'died', JSON.stringify(result.error));
        assert.match(result.error?.message ?? '', /out of memory/);
        assert.match(result.error?.message ?? '', /200 MiB/);
        await executor.run('import os\nif os.path.exists("/dev/shm/hoard"): os.remove("/dev/shm/hoard")');
        await assertUsable(executor);
      }
    });

    it('counts all processes together', async () => {
      const executor = await bench.start({ memoryLimit: 300 });
      const result = await executor.run(
        `
import subprocess, sys
hoard = "import time\\nhoard = bytearray(b'x') * (150 << 20)\\nprint('there', flush=True)\\ntime.sleep(20)"
children = [subprocess.Popen([sys.executable, "-c", hoard], stdout=subprocess.PIPE) for _ in range(4)]
for child in children: child.stdout.readline()
while all(child.poll() is None for child in children): pass
True`,
        { timeoutS: HANG_S },
      );
      // The kernel chooses whom to kill.
      assert.ok(result.value === true || result.status === 'died', JSON.stringify(result));
      await assertUsable(executor);
    });

    it('has none where the setting is 0, and does not claim one', async () => {
      const executor = await bench.start({ memoryLimit: 0, cpus: 0 });
      assert.equal(executor.supports(Capability.MEMORY_LIMIT), false);
      assert.equal(executor.supports(Capability.CPU_LIMIT), false);
      assert.match(detail(executor.capabilityReport()), /codeMode\.container\.memoryLimit/);
    });
  });

  it('uses no more of the processors than it may', async () => {
    const executor = await bench.start({ cpus: 0.5 });
    assert.ok(executor.supports(Capability.CPU_LIMIT), detail(executor.capabilityReport()));
    // Two seconds by the clock are one of the processor, at the most and with what the kernel allows itself.
    const used = await bench.value(
      executor,
      'import time\nend = time.monotonic() + 2\nbefore = time.process_time()\nwhile time.monotonic() < end: pass\ntime.process_time() - before',
    );
    assert.ok(typeof used === 'number' && used < 1.5, `${used} s of the processor in 2 s`);
  });

  it('starts no more processes than it may', async () => {
    const executor = await bench.start({ processLimit: 20 });
    assert.equal(
      await bench
        .value(
          executor,
          `
import subprocess
children = []
try:
    for _ in range(50): children.append(subprocess.Popen(["sleep", "20"]))
except OSError as error:
    seen = type(error).__name__
for child in children: child.kill(); child.wait()
[seen, len(children) < 20]`,
        )
        .then(JSON.stringify),
      '["BlockingIOError",true]',
    );
    await assertUsable(executor);
  });

  it('writes no larger file than it may', async () => {
    const executor = await bench.start({ fileSizeLimit: 1, temporarySize: 16 });
    const result = await executor.run('open("/tmp/large", "wb").write(bytes(2 << 20))', { timeoutS: HANG_S });
    assert.match(result.error?.message ?? '', /File too large/);
    await assertUsable(executor);
  });
}

/** What is said of every capability that is missing. */
export function detail(reports: readonly { readonly supported: boolean; readonly detail: string }[]): string {
  return reports.flatMap((report) => (report.supported ? [] : report.detail)).join('\n');
}
