import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { attachSessionManager } from '../../../src/core/session/attached.ts';
import { createSessionManager } from '../../../src/core/session/local.ts';
import { type ServedSessions, type ServeOptions, serveSessions } from '../../../src/core/session/server.ts';
import type { SessionManager } from '../../../src/core/session/session.ts';
import { DIST_FOLDER } from './subject.ts';

/** A session manager that is served for a workspace folder of its own, and those attached to it. */
export class ServedManager implements AsyncDisposable {
  readonly local: SessionManager;
  readonly workspaceFolder: string;
  /** Where the announcements are, in place of the person's own. */
  readonly folder: string;
  readonly log: string[] = [];
  readonly #attached: SessionManager[] = [];
  #served: ServedSessions | undefined;

  private constructor(root: string) {
    this.workspaceFolder = path.join(root, 'workspace');
    this.folder = path.join(root, 'announcements');
    this.local = createSessionManager({ distFolder: DIST_FOLDER, log: () => undefined });
  }

  static async create(options: Partial<ServeOptions> = {}): Promise<ServedManager> {
    const served = new ServedManager(await mkdtemp(path.join(tmpdir(), 'code-mode-served-')));
    served.#served = await serveSessions(served.local, {
      workspaceFolder: served.workspaceFolder,
      folder: served.folder,
      log: (line) => served.log.push(line),
      ...options,
    });
    return served;
  }

  async attach(): Promise<SessionManager> {
    const manager = await attachSessionManager({
      workspaceFolder: this.workspaceFolder,
      folder: this.folder,
    });
    this.#attached.push(manager);
    return manager;
  }

  /** Stops serving; the sessions live on. */
  async stopServing(): Promise<void> {
    await this.#served?.dispose();
    this.#served = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const manager of this.#attached) await manager[Symbol.asyncDispose]();
    await this.stopServing();
    await this.local[Symbol.asyncDispose]();
    await rm(path.dirname(this.folder), { recursive: true, force: true });
  }
}
