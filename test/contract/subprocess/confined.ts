import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';
import { Capability } from '../../../src/core/contract/capability.ts';
import { checkConfinement, checkDomainFilter } from '../../../src/core/executors/confinement/index.ts';
import { runProbe } from '../../../src/core/executors/probes.ts';
import { assertUsable, HANG_S } from '../support/subject.ts';
import type { SubprocessBench } from './bench.ts';

const WALLS = [
  Capability.FILESYSTEM_ISOLATION,
  Capability.NETWORK_ISOLATION,
  Capability.NETWORK_FILTERING,
] as const;

/** What each setting of the network makes it promise. */
const NETWORKS: readonly {
  readonly settings: Record<string, unknown>;
  readonly promised: readonly Capability[];
  /** What comes of asking a server of this machine by its name, by its address, and by its address past the proxy. */
  readonly reached: readonly [string, string, string];
}[] = [
  {
    settings: { network: 'on' },
    promised: [Capability.FILESYSTEM_ISOLATION],
    reached: ['hello', 'hello', 'hello'],
  },
  {
    settings: { network: 'off' },
    promised: WALLS,
    reached: ['refused', 'refused', 'refused'],
  },
  {
    settings: { network: 'allowedDomains', allowedDomains: ['localhost'] },
    promised: [Capability.FILESYSTEM_ISOLATION, Capability.NETWORK_FILTERING],
    reached: ['hello', 'refused', 'refused'],
  },
  {
    settings: { network: 'allowedDomains', allowedDomains: ['example.org'] },
    promised: [Capability.FILESYSTEM_ISOLATION, Capability.NETWORK_FILTERING],
    reached: ['refused', 'refused', 'refused'],
  },
  {
    settings: { network: 'allowedDomains', allowedDomains: [] },
    promised: WALLS,
    reached: ['refused', 'refused', 'refused'],
  },
];

/** The executor under the operating system's sandbox. */
export function describeConfined(bench: SubprocessBench): void {
  describe("under the operating system's sandbox", () => {
    before(async function () {
      if (!(await checkConfinement()).available) this.skip();
    });

    for (const { settings, promised, reached } of NETWORKS) {
      describe(`with ${JSON.stringify(settings)}`, () => {
        before(async function () {
          if ('allowedDomains' in settings && !(await checkDomainFilter()).available) this.skip();
        });

        it('promises what it keeps, as the probes see', async () => {
          const executor = await bench.start({ sandbox: 'required', ...settings });
          assert.deepEqual(
            WALLS.filter((capability) => executor.supports(capability)),
            promised,
          );
          for (const capability of promised) {
            const probe = await runProbe(capability, executor);
            assert.ok(probe.passed, `${capability}: ${probe.saw}`);
          }
          await assertUsable(executor);
        });

        it('reaches what it may reach', async () => {
          const server = createServer((_, response) => response.end('hello'));
          await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
          try {
            const { port } = server.address() as AddressInfo;
            const executor = await bench.start({ sandbox: 'required', ...settings });
            const code = `
import os, socket, urllib.request
os.environ.pop("NO_PROXY", None), os.environ.pop("no_proxy", None)
def ask(what, *args):
    try:
        return what(*args)
    except OSError:
        return "refused"
def get(host): return urllib.request.urlopen(f"http://{host}:${port}/", timeout=20).read().decode()
def connect():
    with socket.create_connection(("127.0.0.1", ${port}), 5) as connection:
        connection.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
        return connection.makefile().read()[-5:]
[ask(get, "localhost"), ask(get, "127.0.0.1"), ask(connect)]`;
            assert.deepEqual(await bench.value(executor, code), reached);
          } finally {
            server.close();
          }
        });
      });
    }

    it('writes in its workspace and its temporary folder, and nowhere else', async () => {
      const workspace = path.join(bench.scratch, 'workspace');
      await mkdir(path.join(workspace, '.vscode'), { recursive: true });
      const executor = await bench.start({ sandbox: 'required' }, { workspaceFolder: workspace });
      const code = `
import os, subprocess, sys, tempfile
def write(name):
    try:
        with open(name, "w") as file: file.write("written")
    except OSError as error: return type(error).__name__
home = ${JSON.stringify(homedir())}
[
    write("here.txt"), write(os.path.join(tempfile.gettempdir(), "temporary.txt")),
    write(os.path.join(home, "code-mode-contract.txt")), write(os.path.join(sys.prefix, "code-mode-contract.txt")),
    write(".vscode/tasks.json"), write("/etc/code-mode-contract"),
    subprocess.run(["touch", os.path.join(home, "code-mode-contract.txt")], stderr=subprocess.DEVNULL).returncode != 0,
]`;
      const refused = 'OSError';
      assert.deepEqual(await bench.value(executor, code), [
        null,
        null,
        refused,
        refused,
        refused,
        refused,
        true,
      ]);
      assert.equal(await readFile(path.join(workspace, 'here.txt'), 'utf8'), 'written');
    });

    it('keeps its limits', async () => {
      const executor = await bench.start({ sandbox: 'required', memoryLimit: 400, cpuLimit: 0.5 });
      for (const [code, type] of [
        ['bytearray(1_000_000_000)', 'MemoryError'],
        ['while True: pass', 'CpuLimitError'],
      ] as const) {
        const result = await executor.run(code, { timeoutS: HANG_S });
        assert.equal(result.error?.type, type);
      }
    });
  });

  it('fails the probes of what it does not promise without a sandbox', async () => {
    const executor = await bench.start({ sandbox: 'off' });
    for (const capability of WALLS) {
      assert.ok(!executor.supports(capability));
      const probe = await runProbe(capability, executor);
      assert.ok(!probe.passed, `${capability}: ${probe.saw}`);
    }
    for (const { capability, detail } of executor.capabilityReport()) {
      if (WALLS.some((wall) => wall === capability)) assert.match(detail, /codeMode\.subprocess\.sandbox/);
    }
  });
}
