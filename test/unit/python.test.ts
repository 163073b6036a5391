import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(__dirname, '../../..');
const python = process.platform === 'win32' ? 'python' : 'python3';
/** The oldest that the package supports. */
const PROBE = 'import sys; sys.exit(sys.version_info < (3, 9))';

describe('the Python package by itself', () => {
  it('passes its own unit tests on CPython', function () {
    if (spawnSync(python, ['-c', PROBE]).status !== 0) {
      assert.notEqual(
        process.env.CI,
        'true',
        'Python 3.9 or newer must be there: these tests run nowhere else',
      );
      this.skip();
    }
    const tests = spawnSync(
      python,
      ['-B', '-W', 'error', '-m', 'unittest', 'discover', '-s', path.join(root, 'test/python')],
      { encoding: 'utf8', env: { ...process.env, PYTHONPATH: path.join(root, 'src/python') } },
    );
    assert.equal(tests.status, 0, tests.stderr);
    assert.match(tests.stderr, /^Ran [1-9]\d* tests/m);
  });
});
