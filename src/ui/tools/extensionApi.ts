import * as vscode from 'vscode';
import type { Json } from '../../core/contract/execution.ts';
import type { ProvidedTool } from '../../core/session/tools.ts';
import type { ToolArgument, ToolOutcome } from '../../core/tools/tool.ts';
import type { ProvidedTools } from './providedTools.ts';

/** What the extension gives to others: `vscode.extensions.getExtension('python-code-mode.python-code-mode').exports`. */
export interface CodeModeApi {
  /** Of this interface; it only grows as long as this stays the same. */
  readonly apiVersion: 1;
  /**
   * Lets Python in the sessions of this window call a tool of another extension: `tools.NAME.CALLABLE(...)`. Calls are
   * asked for and written down like those of every other tool.
   *
   * @throws Error for a name that is no Python identifier or is taken
   */
  registerTool(tool: ExtensionTool): vscode.Disposable;
}

/** A tool that another extension provides. */
export interface ExtensionTool {
  /** A Python identifier. */
  readonly name: string;
  readonly description: string;
  readonly tags?: readonly string[];
  /** Who provides it, for the person who is asked to allow a call: the extension's display name. */
  readonly provider: string;
  readonly callables: readonly ExtensionCallable[];
}

/** One callable of an {@link ExtensionTool}. */
export interface ExtensionCallable {
  readonly name: string;
  readonly description: string;
  /** JSON schema of an object: its properties are the parameters. Without it there are none. */
  readonly inputSchema?: object;
  /**
   * Makes the call. Text, bytes (`Uint8Array`) and what JSON can carry become Python values, undefined becomes None; an
   * error becomes a `ToolError` with its message. Bytes among the arguments are `Uint8Array`s.
   *
   * @param token - cancelled when the run is stopped
   */
  invoke(given: Readonly<Record<string, unknown>>, token: vscode.CancellationToken): unknown;
}

const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/** Makes the extension's interface for others. */
export function createApi(provided: ProvidedTools, log: vscode.LogOutputChannel): CodeModeApi {
  return {
    apiVersion: 1,
    registerTool: (tool) => {
      for (const { name } of [tool, ...tool.callables]) {
        if (typeof name !== 'string' || name === '') throw new Error('A tool and its callables have names.');
      }
      if (!IDENTIFIER.test(tool.name)) throw new Error(`"${tool.name}" is no Python identifier.`);
      let registered: vscode.Disposable | undefined;
      let isDisposed = false;
      // What describes tools is loaded once it is needed, which is now.
      toProvidedTool(tool)
        .then((made) => {
          if (!isDisposed) registered = provided.add(made);
        })
        .catch((error: unknown) =>
          log.error(`The tool "${tool.name}" of ${tool.provider}: ${String(error)}`),
        );
      return new vscode.Disposable(() => {
        isDisposed = true;
        registered?.dispose();
      });
    },
  };
}

async function toProvidedTool(tool: ExtensionTool): Promise<ProvidedTool> {
  const { describeTools } = await import('../sessions/core.ts');
  const description = describeTools(
    tool.callables.map(({ name, description: text, inputSchema = { type: 'object' } }) => ({
      name,
      description: text,
      // What is no JSON in it is dropped.
      inputSchema: JSON.parse(JSON.stringify(inputSchema)) as { readonly [key: string]: Json },
    })),
  );
  const byName = new Map(
    description.callables.map(({ name, originalName }) => [
      name,
      tool.callables.find((callable) => callable.name === originalName),
    ]),
  );
  return {
    name: tool.name,
    description: tool.description,
    tags: tool.tags ?? [],
    provider: tool.provider,
    ...description,
    call: async (name, given, signal) => {
      const callable = byName.get(name);
      if (!callable) throw new Error(`There is no "${name}".`);
      return await invoke(callable, given, signal);
    },
  };
}

async function invoke(
  callable: ExtensionCallable,
  given: Readonly<Record<string, ToolArgument>>,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const cancellation = new vscode.CancellationTokenSource();
  const cancel = () => cancellation.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return outcomeOf(await callable.invoke(given, cancellation.token));
  } catch (error) {
    const { ToolFailedError } = await import('../sessions/core.ts');
    throw new ToolFailedError(error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    signal.removeEventListener('abort', cancel);
    cancellation.dispose();
  }
}

function outcomeOf(value: unknown): ToolOutcome {
  if (typeof value === 'string') return { type: 'text', text: value };
  if (value instanceof Uint8Array) return { type: 'bytes', bytes: value };
  const json = JSON.stringify(value ?? null);
  if (json === undefined) throw new Error('The result is nothing that JSON can carry.');
  return { type: 'json', value: JSON.parse(json) as Json };
}
