import assert from 'node:assert/strict';
import path from 'node:path';
import {
  isEnvironmentsExtensionApi,
  isPythonExtensionApi,
  readEach,
  readEnvironmentsExtensionEnvironment,
  readPythonExtensionEnvironment,
} from '../../src/ui/interpreter/knownEnvironment.ts';

const executable = path.resolve('/envs/one/bin/python');
const prefix = path.resolve('/envs/one');

/** As VS Code's addresses are: what they say is not their own property. */
class Address {
  readonly #path: string;
  readonly scheme: string;
  constructor(file: string, scheme = 'file') {
    this.#path = file;
    this.scheme = scheme;
  }
  get fsPath(): string {
    return this.#path;
  }
}

describe('what other extensions know of Pythons', () => {
  it('is read where it is whole', () => {
    const whole = { executable, prefix, name: 'one', version: '3.12.4' };
    assert.deepEqual(
      readPythonExtensionEnvironment({
        id: 'x',
        path: executable,
        executable: { uri: new Address(executable), bitness: '64-bit', sysPrefix: prefix },
        environment: { type: 'VirtualEnvironment', name: 'one', folderUri: new Address(prefix) },
        version: { major: 3, minor: 12, micro: 4, release: undefined, sysVersion: '3.12.4 (main)' },
        tools: ['Venv'],
      }),
      whole,
    );
    assert.deepEqual(
      readEnvironmentsExtensionEnvironment({
        envId: { id: 'x', managerId: 'ms-python.python:venv' },
        name: 'one',
        displayName: 'one (3.12.4)',
        version: '3.12.4.final.0',
        environmentPath: new Address(prefix),
        sysPrefix: prefix,
        execInfo: { run: { executable, args: [] } },
      }),
      whole,
    );
  });

  it('may lack all but the interpreter', () => {
    const bare = { executable, prefix: undefined, name: '', version: '' };
    for (const more of [
      {},
      { environment: undefined, version: undefined },
      { environment: { name: undefined }, version: { major: undefined } },
      { environment: 7, version: 'new' },
    ]) {
      assert.deepEqual(
        readPythonExtensionEnvironment({ executable: { uri: new Address(executable) }, ...more }),
        bare,
      );
    }
    assert.deepEqual(readEnvironmentsExtensionEnvironment({ execInfo: { run: { executable } } }), bare);
  });

  it('is left out where no interpreter of this machine is named', () => {
    const others = [
      undefined,
      null,
      'python',
      {},
      { executable: { uri: undefined } },
      { executable: { uri: new Address('/x/python', 'vscode-remote') } },
      { executable: { uri: new Address('python') } },
    ];
    for (const other of others) assert.equal(readPythonExtensionEnvironment(other), undefined);
    for (const other of [undefined, {}, { execInfo: {} }, { execInfo: { run: { executable: 'conda' } } }]) {
      assert.equal(readEnvironmentsExtensionEnvironment(other), undefined);
    }
    assert.deepEqual(readEach('none', readPythonExtensionEnvironment), []);
    assert.equal(
      readEach([{}, { execInfo: { run: { executable } } }], readEnvironmentsExtensionEnvironment).length,
      1,
    );
  });

  it('is asked only of what has the calls for it', () => {
    const call = () => undefined;
    const environments = {
      getActiveEnvironmentPath: call,
      resolveEnvironment: call,
      onDidChangeActiveEnvironmentPath: call,
    };
    assert.equal(isPythonExtensionApi({ environments, ready: Promise.resolve() }), true);
    assert.equal(isPythonExtensionApi({ environments: { ...environments, resolveEnvironment: 1 } }), false);
    const api = { getEnvironment: call, getEnvironments: call, onDidChangeEnvironment: call };
    assert.equal(isEnvironmentsExtensionApi(api), true);
    for (const other of [undefined, {}, { ...api, getEnvironment: undefined }]) {
      assert.equal(isEnvironmentsExtensionApi(other), false);
      assert.equal(isPythonExtensionApi(other), false);
    }
  });
});
