import assert from 'node:assert/strict';
import { assertOk, assertUsable, type Subject } from '../support/subject.ts';

/** Lines of notebooks that are no Python, as far as nothing is installed by them. */
export function describeMagics(subject: Subject): void {
  describe('magics', () => {
    it('of figures and of packages run wherever a statement may stand', async () => {
      const result = await subject.run(
        'x = 20\n%matplotlib inline\nif x:\n    !pip freeze -q\n    x += 1\nx',
      );
      assertOk(result);
      assert.equal(result.value, 21);
      assert.equal((await subject.run('x = 2\n%uv pip list')).value, null);
      assertOk(
        await subject.run('import asyncio\nawait asyncio.sleep(0)\n%pip list\nawait asyncio.sleep(0)'),
      );
    });

    it('are left alone in strings, in brackets and after a backslash', async () => {
      const code = 'pip = 4\nx = """\n%pip install a\n!ls\n"""\ny = (7\n%pip)\nz = 9 \\\n%pip\n[x, y, z]';
      assert.deepEqual((await subject.run(code)).value, ['\n%pip install a\n!ls\n', 3, 1]);
    });

    it('that there are not are syntax errors of the whole cell, with their line and what there is', async () => {
      await subject.run('ran = False');
      for (const [line, message] of [
        ['!ls -l', /No shell is run here/],
        ['%timeit x', /There is no magic %timeit here\. There are %pip install/],
        ['%pip install --user six', /does not know --user/],
        ['%pip install {name}', /deps\.add\(name\)/],
        ['%pip search six', /%pip search is not supported/],
      ] as const) {
        const { error } = await subject.run(`ran = True\n${line}\n`, {
          origin: { filename: '/home/someone/cells.py', firstLine: 5 },
        });
        assert.equal(error?.type, 'SyntaxError', line);
        assert.match(error.message, message);
        assert.ok(
          error.traceback.includes(`File "/home/someone/cells.py", line 6\n    ${line}`),
          error.traceback,
        );
      }
      assert.equal((await subject.run('ran')).value, false);
      await assertUsable(subject.shared);
    });

    it('leave the lines of a traceback where they are', async () => {
      const { error } = await subject.run('%matplotlib inline\n\n%pip list \\\n  -q\n1 / 0', {
        origin: { filename: '/home/someone/cells.py', firstLine: 10 },
      });
      assert.equal(error?.type, 'ZeroDivisionError');
      assert.match(error.traceback, /line 14, in <module>\n {4}1 \/ 0/);
      const { error: raised } = await subject.run('x = 1\n%pip install -r no/such/file.txt');
      assert.equal(raised?.type, 'FileNotFoundError');
      assert.match(raised.traceback, /line 2, in <module>\n {4}%pip install -r no\/such\/file\.txt\n\w/);
    });
  });
}
