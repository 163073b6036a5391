import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type AttachedSessionManager,
  attachTo,
  type ClientOptions,
} from '../../../src/core/session/attached.ts';
import { createSessionManager, type LocalSessionManager } from '../../../src/core/session/local.ts';
import { findByBaseFolder } from '../../../src/core/session/remote/announcement.ts';
import { type ServedSessions, type ServeOptions, serveSessions } from '../../../src/core/session/server.ts';
import { DIST_FOLDER } from './subject.ts';

/** A session manager that is served for a base folder of its own, and those attached to it. */
export class ServedManager implements AsyncDisposable {
  readonly local: LocalSessionManager;
  readonly workspaceFolder: string;
  readonly baseFolder: string;
  /** Where the announcements are, in place of the person's own. */
  readonly folder: string;
  readonly log: string[] = [];
  readonly #root: string;
  readonly #attached: AttachedSessionManager[] = [];
  #served: ServedSessions | undefined;

  private constructor(root: string, folder: string) {
    this.#root = root;
    this.workspaceFolder = path.join(root, 'workspace');
    this.baseFolder = path.join(this.workspaceFolder, '.code-mode');
    this.folder = folder;
    this.local = createSessionManager({
      distFolder: DIST_FOLDER,
      log: (line) => this.#served?.tellLog(line),
      secret: async (request) => this.#served?.secret(request),
    });
  }

  static async create(options: Partial<ServeOptions> = {}): Promise<ServedManager> {
    const root = await mkdtemp(path.join(tmpdir(), 'code-mode-served-'));
    const served = new ServedManager(root, options.folder ?? path.join(root, 'announcements'));
    await mkdir(served.workspaceFolder);
    await served.serve(options);
    return served;
  }

  /** Serves the sessions, again. */
  async serve(options: Partial<ServeOptions> = {}): Promise<void> {
    this.#served = await serveSessions(this.local, {
      baseFolder: this.baseFolder,
      folder: this.folder,
      version: '1.2.3',
      log: (line) => this.log.push(line),
      ...options,
    });
    assert.ok(this.#served, 'another process serves the same base folder');
  }

  /** Attaches to what is announced; undefined where nobody is there any more. */
  async tryAttach(client: Partial<ClientOptions> = {}): Promise<AttachedSessionManager | undefined> {
    const announcement = await findByBaseFolder(this.baseFolder, this);
    if (!announcement) return undefined;
    const manager = await attachTo(
      announcement,
      { clientName: `client ${this.#attached.length + 1}`, version: '1.2.3', ...client },
      this,
    );
    if (manager) this.#attached.push(manager);
    return manager;
  }

  async attach(client: Partial<ClientOptions> = {}): Promise<AttachedSessionManager> {
    const manager = await this.tryAttach(client);
    assert.ok(manager, 'nobody serves the sessions');
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
    await rm(this.#root, { recursive: true, force: true });
  }
}
