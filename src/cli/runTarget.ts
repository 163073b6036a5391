import path from 'node:path';
import { CodeModeError, UsageError } from '../core/contract/errors.ts';
import { executorRegistry } from '../core/executors/index.ts';
import type { AttachedSessionManager } from '../core/session/attached.ts';
import { type Session, type SessionManager, workspaceSessionId } from '../core/session/session.ts';
import { usableBaseFolder } from './baseFolder.ts';

/** Where a run is to happen, as the options say. */
export interface RunTargetOptions {
  readonly distFolder: string;
  /** Of the command line. */
  readonly version: string;
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
  const { manager, workspaceFolder } = await attach(options);
  try {
    const session = await openShared(manager, workspaceFolder, options.executor);
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

/** Who has the sessions, and of which workspace folder they are; of any where only the base folder is named. */
async function attach(
  options: RunTargetOptions,
): Promise<{ manager: AttachedSessionManager; workspaceFolder: string | undefined }> {
  const { attachTo } = await import('../core/session/attached.ts');
  const { findByBaseFolder, findByWorkspaceFolder } = await import('../core/session/remote/announcement.ts');
  const client = { clientName: 'code-mode run', version: options.version };
  const folder = path.resolve(options.base ?? options.workspace ?? '.');
  const found =
    options.base === undefined
      ? await findByWorkspaceFolder(folder)
      : { announcement: await findByBaseFolder(folder), workspaceFolder: options.workspace };
  const manager = found?.announcement && (await attachTo(found.announcement, client));
  if (manager) return { manager, workspaceFolder: found.workspaceFolder };
  throw new CodeModeError('not-found', `There is no live session of VS Code for "${folder}".`, {
    hint: 'Open the folder in VS Code and run something there with Python Code Mode, or leave --attach out to run in a session of its own.',
  });
}

/** The session that the editor uses. @throws UsageError where there are several to choose from */
async function openShared(
  manager: AttachedSessionManager,
  workspaceFolder: string | undefined,
  executor: string | undefined,
): Promise<Session> {
  const spec = { title: 'Workspace', executor: executor ?? executorRegistry.list()[0]!.id };
  if (workspaceFolder !== undefined) {
    const id = workspaceSessionId(workspaceFolder);
    return manager.openWorkspace(workspaceFolder, { ...spec, id, workspaceFolder });
  }
  const shared = (await manager.list()).filter(
    (info) => info.id === workspaceSessionId(info.spec.workspaceFolder),
  );
  const [only] = shared;
  if (shared.length > 1) {
    throw new UsageError(
      `Sessions of several workspace folders keep their files there: ${shared.map(({ title }) => title).join(', ')}.`,
      'Name one of them with --workspace DIR.',
    );
  }
  return manager.open(only?.spec ?? { ...spec, id: workspaceSessionId(undefined) });
}
