import { z } from 'zod';
import { checkParams } from '../common/params.ts';
import type { HostCall, HostCallHandlers } from '../connection/hostCalls.ts';
import type { ChangeOptions } from './changes/origin.ts';
import { pythonInstallResult, pythonRemoveResult } from './pythonResults.ts';
import type { DependencyService } from './service.ts';

const Nothing = z.object({});
const AddParams = z.object({ packages: z.array(z.string()), upgrade: z.boolean().default(false) });
const RemoveParams = z.object({ names: z.array(z.string()) });

/** What `deps` in Python calls; results have the Python project's names, and `changed` for the imports. */
export function dependencyCalls(dependencies: DependencyService): HostCallHandlers {
  const { changes } = dependencies;
  return {
    'deps.list': async ({ method, params }) => {
      checkParams(Nothing, method, params);
      return { result: [...(await dependencies.list())] };
    },
    'deps.installed': async ({ method, params }) => {
      checkParams(Nothing, method, params);
      const installed = await dependencies.installed();
      return { result: installed.map(({ title, version }) => ({ name: title, version })) };
    },
    'deps.add': async (call) => {
      const { packages, upgrade } = checkParams(AddParams, call.method, call.params);
      const { result, changed } = await changes.add(packages, { ...optionsOf(call), upgrade });
      return { result: { ...pythonInstallResult(result), changed } };
    },
    'deps.remove': async (call) => {
      const { names } = checkParams(RemoveParams, call.method, call.params);
      const { result, changed } = await changes.remove(names, optionsOf(call));
      return { result: { ...pythonRemoveResult(result), changed } };
    },
    'deps.sync': async (call) => {
      checkParams(Nothing, call.method, call.params);
      const { result, changed } = await changes.sync(optionsOf(call));
      return { result: { ...pythonInstallResult(result), changed } };
    },
  };
}

function optionsOf({ run, signal }: HostCall): ChangeOptions {
  return { origin: { kind: 'code', run }, signal, onProgress: (line) => run?.tellProgress(line) };
}
