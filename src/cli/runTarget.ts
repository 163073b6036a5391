import path from 'node:path';
import { UsageError } from '../core/contract/errors.ts';
import { executorRegistry } from '../core/executors/index.ts';
import type { Session, SessionManager } from '../core/session/session.ts';
import { usableBaseFolder } from './baseFolder.ts';

/** Where a run is to happen, as the options say. */
export interface RunTargetOptions {
  readonly distFolder: string;
  readonly executor: string | undefined;
  readonly base: string | undefined;
  readonly attach: boolean;
  readonly workspace: string | undefined;
  /** What `--set` says to the executor. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly maxResultCharacters?: number;
}

/** A session to run in, and the manager to dispose of afterwards. */
export interface RunTarget {
  readonly session: Session;
  readonly manager: SessionManager;
}

/**
 * Opens the session that the options ask for: a new one of this process, or the live one of a VS Code window.
 *
 * @throws CodeModeError for options that can't be met; nothing is left open then
 */
export async function openRunTarget(options: RunTargetOptions): Promise<RunTarget> {
  if (options.attach) return openAttached(options);
  if (options.workspace !== undefined) {
    throw new UsageError(
      '--workspace goes with --attach only.',
      'Add --attach, or use --base DIR for the base folder.',
    );
  }
  const descriptor = executorRegistry.get(options.executor ?? executorRegistry.list()[0]!.id);
  const baseFolder = options.base === undefined ? undefined : await usableBaseFolder(options.base);
  const { createSessionManager } = await import('../core/session/local.ts');
  const manager = createSessionManager({ distFolder: options.distFolder, log: () => undefined });
  const session = await manager.open({
    id: 'command-line',
    title: 'code-mode run',
    executor: descriptor.id,
    executorSettings: { ...descriptor.settingsForOneRun, ...options.settings },
    workspaceFolder: process.cwd(),
    ...(baseFolder === undefined ? {} : { baseFolder }),
  });
  return { session, manager };
}

async function openAttached(options: RunTargetOptions): Promise<RunTarget> {
  if (Object.keys(options.settings).length > 0) {
    throw new UsageError(
      '--set and --attach do not go together: the session is live already.',
      'Change its settings in the VS Code window.',
    );
  }
  if (options.executor !== undefined) executorRegistry.get(options.executor);
  const { attachSessionManager } = await import('../core/session/attached.ts');
  const manager = await attachSessionManager(
    options.base === undefined
      ? { workspaceFolder: path.resolve(options.workspace ?? '.') }
      : { baseFolder: path.resolve(options.base) },
  );
  try {
    const live = (await manager.list()).find((info) => info.id === 'workspace');
    const executor = live?.executor ?? options.executor ?? executorRegistry.list()[0]!.id;
    const session = await manager.open({ id: 'workspace', title: 'Workspace', executor });
    if (options.executor !== undefined && session.info.executor !== options.executor) {
      throw new UsageError(
        `The live session runs on "${session.info.executor}", not on "${options.executor}".`,
        'Leave --executor out, or choose the executor in the VS Code window: Code Mode: Select Executor.',
      );
    }
    return { session, manager };
  } catch (error) {
    await manager[Symbol.asyncDispose]();
    throw error;
  }
}
