import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { Capability } from '../../../src/core/contract/capability.ts';
import { containerSettings, removeImages } from '../../support/containers.ts';
import type { ContainerBench } from './bench.ts';
import { detail } from './limits.ts';
import { withArguments } from './limitsNetwork.ts';

/** What of this machine's files code in a container finds. */
export function describeContainerFiles(bench: ContainerBench): void {
  describe('files of this machine', () => {
    let folder = '';
    let workspaceFolder = '';

    beforeEach(async () => {
      folder = await realpath(await mkdtemp(path.join(tmpdir(), 'code-mode-')));
      workspaceFolder = path.join(folder, 'a "project", with more');
      const data = path.join(folder, 'data');
      for (const each of [workspaceFolder, data]) {
        await mkdir(each);
        // The tests may run as root, Python inside never does.
        await chmod(each, 0o777);
        await writeFile(path.join(each, 'there.txt'), 'yes');
      }
      await chmod(folder, 0o755);
    });
    afterEach(async () => {
      await removeImages(bench.engine, workspaceFolder);
      await rm(folder, { recursive: true, force: true });
    });

    const look = `
import os
def look(folder):
    seen = {}
    try:
        seen["read"] = open(os.path.join(folder, "there.txt")).read()
    except OSError as error:
        seen["read"] = error.strerror
    try:
        seen["written"] = open(os.path.join(folder, "written.txt"), "w").write("x")
    except OSError as error:
        seen["written"] = error.strerror
    return seen
`;

    it('are not there by default, the workspace as little', async () => {
      const executor = await bench.start({}, { workspaceFolder });
      const seen = await bench.value(
        executor,
        `${look}look(${JSON.stringify(workspaceFolder)}), os.getcwd()`,
      );
      const missing = 'No such file or directory';
      assert.equal(JSON.stringify(seen).includes(missing), true, JSON.stringify(seen));
      assert.equal(JSON.stringify(seen).includes('yes'), false);
    });

    for (const [workspace, written] of [
      ['readOnly', 'Read-only file system'],
      ['writable', 1],
    ] as const) {
      it(`are there where the workspace is "${workspace}", under its own path`, async () => {
        const executor = await bench.start({ workspace }, { workspaceFolder });
        assert.ok(executor.supports(Capability.FILESYSTEM_ISOLATION), detail(executor.capabilityReport()));
        const seen = await bench.value(executor, `${look}[look(os.getcwd()), os.getcwd()]`);
        assert.deepEqual(seen, [{ read: 'yes', written }, workspaceFolder]);
        const found = await readFile(path.join(workspaceFolder, 'written.txt'), 'utf8').catch(() => null);
        assert.equal(found, workspace === 'writable' ? 'x' : null);
      });
    }

    it('that an editor, Git or the host runs stay as they are in a writable workspace', async () => {
      const file = async (name: string) => {
        const place = path.join(workspaceFolder, name);
        await mkdir(path.dirname(place), { recursive: true });
        await writeFile(place, 'as it was');
        return place;
      };
      const places = await Promise.all(
        ['.vscode/tasks.json', '.git/config', '.devcontainer/devcontainer.json', 'Dockerfile'].map(file),
      );
      for (const folder of ['.', '.vscode', '.git', '.devcontainer'])
        await chmod(path.join(workspaceFolder, folder), 0o777);
      for (const place of places) await chmod(place, 0o666);
      await writeFile(path.join(workspaceFolder, 'Dockerfile'), `FROM ${containerSettings().image}\n`);
      const baseFolder = path.join(workspaceFolder, '.code-mode');
      await mkdir(baseFolder);
      await chmod(baseFolder, 0o777);
      const executor = await bench.start(
        { workspace: 'writable', build: 'Dockerfile', pull: 'missing' },
        { workspaceFolder, baseFolder },
      );
      assert.ok(executor.supports(Capability.FILESYSTEM_ISOLATION), detail(executor.capabilityReport()));
      const tried = `
import os
def attempt(deed, *values):
    try:
        deed(*values)
    except OSError:
        return None
    return values
def write(place):
    with open(place, "w") as file:
        file.write("changed")
[done for done in [
    *(attempt(write, place) for place in (
        ".vscode/tasks.json", ".vscode/new.json", ".git/config", ".git/hooks/post-commit",
        ".devcontainer/devcontainer.json", "Dockerfile", ".code-mode/tools/mine.yaml")),
    *(attempt(os.rename, name, name + "2") for name in (".vscode", ".git", "Dockerfile", ".code-mode", ".code-mode/tools")),
    attempt(os.remove, "Dockerfile"),
] if done]`;
      assert.deepEqual(await bench.value(executor, tried), []);
      assert.equal(
        await bench.value(
          executor,
          'open("mine.txt", "w").write("x"), open(".git/index", "w").write("x")\n1',
        ),
        1,
      );
      await executor.close();
      for (const place of places.slice(0, 3)) assert.equal(await readFile(place, 'utf8'), 'as it was');
      await assert.rejects(readFile(path.join(workspaceFolder, '.git/hooks')), { code: 'ENOENT' });
      await assert.rejects(readFile(path.join(baseFolder, 'tools')), { code: 'ENOENT' });
    });

    it('are there as mounts say', async () => {
      const mounts = [
        { source: '../data', target: '/data' },
        { source: path.join(folder, 'data'), target: '/writable/data', writable: true },
      ];
      const executor = await bench.start({ mounts }, { workspaceFolder });
      assert.ok(executor.supports(Capability.FILESYSTEM_ISOLATION), detail(executor.capabilityReport()));
      assert.deepEqual(await bench.value(executor, `${look}[look("/data"), look("/writable/data")]`), [
        { read: 'yes', written: 'Read-only file system' },
        { read: 'yes', written: 1 },
      ]);
    });

    it('are refused where that opens the machine, unless it is said twice', async () => {
      const mounts = [{ source: '~', target: '/home/me' }];
      await assert.rejects(bench.start({ mounts }), {
        code: 'settings',
        message: /the home folder ".*" is in it/,
      });
      const executor = await bench.start({ mounts, dangerousMounts: [homedir()] });
      assert.deepEqual(await bench.value(executor, 'import os\nos.path.ismount("/home/me")'), true);
    });

    it('that further arguments show are told: isolation is not claimed then', async () => {
      for (const argument of [
        `--volume=${folder}:/more:ro`,
        '--volume=/proc:/processes:ro',
        '--cap-add=sys_admin',
        '--privileged',
        '--pid=host',
      ]) {
        const executor = await bench.start(await withArguments({}, argument));
        assert.equal(executor.supports(Capability.FILESYSTEM_ISOLATION), false, argument);
        await executor.close();
      }
    });
  });
}
