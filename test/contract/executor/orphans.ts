import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Capability } from '../../../src/core/contract/capability.ts';
import { descendants, untilGone } from '../support/processes.ts';
import { PROJECT_FOLDER, type Subject } from '../support/subject.ts';

/** How a parent may end: by its own doing, or by a signal. */
const ENDS = ['exit', 'throw', 'SIGTERM', 'SIGKILL'] as const;

/** Python ends with the process that uses it, whichever way that one ends. */
export function describeOrphans(subject: Subject): void {
  describe('the Python process', () => {
    for (const state of ['idle', 'busy'] as const) {
      for (const end of ENDS) {
        it(`ends with a parent that ends by ${end} while Python is ${state}`, async function () {
          subject.require(this, Capability.PROCESS_ISOLATION);
          const parent = spawn(
            process.execPath,
            [
              path.join(PROJECT_FOLDER, 'out/test/contract/support/parent.js'),
              subject.descriptor.id,
              state,
              end,
            ],
            { stdio: ['pipe', 'pipe', 'ignore'] },
          );
          await Promise.race([once(parent.stdout, 'data'), once(parent, 'exit')]);
          const children = descendants(parent.pid!);
          assert.notEqual(children.length, 0, 'the parent has a Python process');
          const gone = once(parent, 'exit');
          if (end === 'SIGTERM' || end === 'SIGKILL') parent.kill(end);
          else parent.stdin.write('end\n');
          await gone;
          assert.deepEqual(await untilGone(children), [], 'no process is left');
        });
      }
    }
  });
}
