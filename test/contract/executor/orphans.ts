import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Capability } from '../../../src/core/contract/capability.ts';
import { descendants, untilGone } from '../support/processes.ts';
import { PROJECT_FOLDER, type Subject } from '../support/subject.ts';

/** How a parent may end: by its own doing, or by a signal. */
const ENDS = ['exit', 'throw', 'SIGTERM', 'SIGKILL'] as const;

/** Python ends with its executor, and with the process that uses it, whichever way that one ends. */
export function describeOrphans(subject: Subject): void {
  /** Starts a process that uses an executor, see `parent.ts`, and waits until Python is there. */
  async function startParent(state: string, end: string): Promise<[ChildProcess, number[]]> {
    const script = path.join(PROJECT_FOLDER, 'out/test/contract/support/parent.js');
    const settings = JSON.stringify(subject.settings);
    const parent = spawn(process.execPath, [script, subject.descriptor.id, settings, state, end], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await Promise.race([once(parent.stdout, 'data'), once(parent, 'exit')]);
    const children = descendants(parent.pid!);
    assert.notEqual(children.length, 0, 'the parent has a Python process');
    return [parent, children];
  }

  describe('the Python process', () => {
    it('ends with the executor, once no other needs what is kept ready', async function () {
      subject.require(this, Capability.PROCESS_ISOLATION);
      const [parent] = await startParent('idle', 'close');
      const closed = once(parent.stdout!, 'data');
      parent.stdin!.write('end\n');
      await closed;
      assert.deepEqual(descendants(parent.pid!), []);
      const gone = once(parent, 'exit');
      parent.stdin!.end();
      await gone;
    });

    for (const state of ['in C', 'with children']) {
      it(`ends with a parent that is killed while Python is busy ${state}`, async function () {
        subject.require(this, Capability.PROCESS_ISOLATION);
        if (state === 'with children') await subject.requireNative(this);
        const [parent, children] = await startParent(state, 'SIGKILL');
        const gone = once(parent, 'exit');
        parent.kill('SIGKILL');
        await gone;
        assert.deepEqual(await untilGone(children), [], 'no process is left');
      });
    }

    for (const state of ['idle', 'busy'] as const) {
      for (const end of ENDS) {
        it(`ends with a parent that ends by ${end} while Python is ${state}`, async function () {
          subject.require(this, Capability.PROCESS_ISOLATION);
          const [parent, children] = await startParent(state, end);
          const gone = once(parent, 'exit');
          if (end === 'SIGTERM' || end === 'SIGKILL') parent.kill(end);
          else parent.stdin!.write('end\n');
          await gone;
          assert.deepEqual(await untilGone(children), [], 'no process is left');
        });
      }
    }
  });
}
