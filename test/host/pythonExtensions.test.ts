import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { PythonExtensions } from '../../src/ui/interpreter/pythonExtensions.ts';
import { until } from '../support/until.ts';

const ENVIRONMENTS = 'ms-python.vscode-python-envs';
const executable = path.resolve('/envs/one/bin/python');
const environment = { name: 'one', version: '3.12.4', sysPrefix: '', execInfo: { run: { executable } } };
const folder = () => vscode.workspace.workspaceFolders![0]!.uri;

/** Lets the Python Environments extension be installed while `work` runs; `activate` gives what it exports. */
async function installed(activate: () => Promise<unknown>, work: () => Promise<void>): Promise<void> {
  const extensions = vscode.extensions as { getExtension: (id: string) => unknown };
  const original = extensions.getExtension;
  extensions.getExtension = (id) => (id === ENVIRONMENTS ? { activate } : original.call(extensions, id));
  try {
    await work();
  } finally {
    extensions.getExtension = original;
  }
}

describe('what the Python extensions know', () => {
  let warnings: string[];
  let asked: PythonExtensions;
  const make = (patienceMs?: number) => {
    warnings = [];
    asked = new PythonExtensions({ warn: (message: string) => void warnings.push(message) }, patienceMs);
    return asked;
  };

  afterEach(() => asked.dispose());

  it('is asked of Python Environments where that is in use', async () => {
    const changed = new vscode.EventEmitter<void>();
    let chosen: unknown;
    const scopes: unknown[] = [];
    const api = {
      getEnvironment: async (scope: unknown) => {
        scopes.push(scope);
        return chosen;
      },
      getEnvironments: async (scope: unknown) => (scope === 'all' ? [environment, { broken: true }] : []),
      onDidChangeEnvironment: changed.event,
    };
    await installed(
      async () => api,
      async () => {
        const extensions = make();
        assert.equal(await extensions.chosen(folder()), undefined);
        assert.equal(await extensions.chosen(folder()), undefined);
        assert.deepEqual(scopes, [folder()], 'it is asked once');
        const heard = new Promise<void>((resolve) => extensions.onDidChange(() => resolve()));
        chosen = environment;
        changed.fire();
        await heard;
        assert.equal((await extensions.chosen(folder()))?.executable, executable);
        const { name, environments } = await extensions.known();
        assert.equal(name, 'Python Environments');
        assert.deepEqual(
          environments.map((known) => known.executable),
          [executable],
        );
        assert.deepEqual(warnings, []);
      },
    );
  });

  it('is asked of Python where Python Environments is switched off', async () => {
    await installed(
      async () => undefined,
      async () => {
        assert.deepEqual(await make().known(), { name: 'Python', environments: [] });
      },
    );
  });

  it('is nothing where the extension fails', async () => {
    await installed(
      async () => {
        throw new Error('It is broken.');
      },
      async () => {
        assert.equal(await make().chosen(undefined), undefined);
        assert.match(warnings.join('\n'), /It is broken/);
      },
    );
  });

  it('is not waited for too long; a late answer counts from then on', async () => {
    let answer: (environment: unknown) => void = () => undefined;
    const api = {
      getEnvironment: () => new Promise((resolve) => (answer = resolve)),
      getEnvironments: async () => [],
      onDidChangeEnvironment: new vscode.EventEmitter<void>().event,
    };
    await installed(
      async () => api,
      async () => {
        const extensions = make(50);
        let told = false;
        extensions.onDidChange(() => {
          told = true;
        });
        assert.equal(await extensions.chosen(folder()), undefined);
        assert.equal(warnings.length, 1);
        api.getEnvironment = async () => environment;
        answer(environment);
        await until('the news', () => told);
        assert.equal((await extensions.chosen(folder()))?.executable, executable);
      },
    );
  });
});
