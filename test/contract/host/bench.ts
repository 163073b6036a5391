import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { canonical } from '../../../src/core/common/files/canonical.ts';
import type { RunEvent } from '../../../src/core/contract/execution.ts';
import { findInterpreters } from '../../../src/core/executors/subprocess/environment/index.ts';
import type { AttachedSessionManager } from '../../../src/core/session/attached.ts';
import { attachToHost, type HostClientOptions } from '../../../src/core/session/host/hostClient.ts';
import {
  type Announcement,
  announcementFile,
  findByBaseFolder,
} from '../../../src/core/session/remote/announcement.ts';
import { PROTOCOL_VERSION } from '../../../src/core/session/remote/wire.ts';
import type { Session, SessionManager, SessionSpec } from '../../../src/core/session/session.ts';
import type { HostClientSays, HostClientTask } from '../support/hostClient.ts';
import { descendants, processesWith, untilGone } from '../support/processes.ts';
import { send } from '../support/rawSocket.ts';
import { DIST_FOLDER, HANG_S, PROJECT_FOLDER } from '../support/subject.ts';

/** The version that the tests say they are. */
export const VERSION = '1.2.3';

/** What the tests of the session host share: hosts of base folders of their own, and whoever attaches to them. */
export class HostBench {
  /** Those that are attached, the first first. */
  readonly managers: AttachedSessionManager[] = [];
  readonly #clients: HostClientProcess[] = [];
  readonly #sockets: Socket[] = [];
  readonly #pythons = new Set<number>();
  readonly #runtimeFolder = process.env.XDG_RUNTIME_DIR;
  #python: string | undefined;
  #root: string | undefined;

  /** Registers mocha's hooks: a host and all that belongs to it live as long as their test at most. */
  install(): void {
    before(async () => {
      const cacheFolder = await mkdtemp(path.join(tmpdir(), 'code-mode-interpreters-'));
      const found = await findInterpreters({ cacheFolder, log: () => undefined });
      this.#python = found.find(({ kind }) => kind === 'installation')?.executable;
      await rm(cacheFolder, { recursive: true, force: true });
    });
    beforeEach(async () => {
      this.#root = await canonical(await mkdtemp(path.join(tmpdir(), 'code-mode-host-')));
      await mkdir(path.join(this.#root, 'workspace'));
      // A host that is killed leaves its socket.
      process.env.XDG_RUNTIME_DIR = this.#root;
    });
    afterEach(() => this.#tidyUp());
    after(() => {
      if (this.#runtimeFolder === undefined) delete process.env.XDG_RUNTIME_DIR;
      else process.env.XDG_RUNTIME_DIR = this.#runtimeFolder;
    });
  }

  /** Absolute path of a folder for this test, with links followed. */
  get root(): string {
    assert.ok(this.#root, 'the folder is there only inside a test');
    return this.#root;
  }

  /** Where the announcements are. */
  get folder(): string {
    return path.join(this.root, 'announcements');
  }

  get workspaceFolder(): string {
    return path.join(this.root, 'workspace');
  }

  get baseFolder(): string {
    return path.join(this.workspaceFolder, '.code-mode');
  }

  /** How this test attaches. */
  options(client: Partial<HostClientOptions> = {}): HostClientOptions {
    return {
      baseFolder: this.baseFolder,
      folder: this.folder,
      distFolder: DIST_FOLDER,
      version: VERSION,
      clientName: 'the test',
      ...client,
    };
  }

  /** Attaches to the host, which is started where there is none; detached after the test. */
  async attach(client: Partial<HostClientOptions> = {}): Promise<AttachedSessionManager> {
    return this.keep(await attachToHost(this.options(client)));
  }

  /** Detaches after the test. */
  keep(manager: AttachedSessionManager): AttachedSessionManager {
    this.managers.push(manager);
    return manager;
  }

  /** What a session is made from: an installed Python without a sandbox unless it is said otherwise. */
  spec(spec: Partial<SessionSpec> = {}): SessionSpec {
    assert.ok(this.#python, 'there is a CPython');
    const { executor = 'subprocess' } = spec;
    const isNative = executor === 'subprocess';
    return {
      id: 'workspace',
      title: 'Workspace',
      executor,
      executorSettings: isNative ? { python: this.#python, sandbox: 'off', warmSpare: false } : {},
      workspaceFolder: this.workspaceFolder,
      timeoutS: HANG_S,
      ...spec,
    };
  }

  open(manager: SessionManager, spec: Partial<SessionSpec> = {}): Promise<Session> {
    return manager.open(this.spec(spec));
  }

  /** The path of the host's announcement. */
  async announcementPath(): Promise<string> {
    return announcementFile(this.folder, await canonical(this.baseFolder));
  }

  /** What the host announces. */
  async announcement(): Promise<Announcement> {
    const found = await findByBaseFolder(this.baseFolder, this.options());
    assert.ok(found, 'a host is announced');
    return found;
  }

  /** Puts other words into the announcement. @returns what it said */
  async rewriteAnnouncement(changes: Record<string, unknown>): Promise<Announcement> {
    const file = await this.announcementPath();
    const announced = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...announced, ...changes }));
    return announced;
  }

  /** The process id of the host that is announced. */
  async hostPid(): Promise<number> {
    return (await this.announcement()).pid;
  }

  /** The hosts of this test that run, announced or not. */
  hosts(): number[] {
    return processesWith(path.join(this.root, path.sep));
  }

  /** The processes of the hosts' sessions; they have to be gone when the test is over. */
  pythons(host: number): number[] {
    const found = descendants(host);
    for (const pid of found) this.#pythons.add(pid);
    return found;
  }

  /** Starts a process that attaches. */
  client(task: Omit<HostClientTask, 'host'> & { readonly host?: Partial<HostClientOptions> }) {
    const host = this.options({ clientName: 'another process', ...task.host });
    const client = new HostClientProcess({ ...task, host });
    this.#clients.push(client);
    return client;
  }

  /** Connects to the host's socket without the manners of a client. */
  async connect(): Promise<Socket> {
    const socket = connect((await this.announcement()).address);
    this.#sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  /** As {@link connect}, with the token shown. */
  async greet(): Promise<Socket> {
    const socket = await this.connect();
    const client = {
      name: 'a raw socket',
      version: VERSION,
      answersOthers: false,
      givesSecrets: false,
      approvesTools: false,
      opensWorkspace: false,
      comesBack: false,
    };
    const { token } = await this.announcement();
    send(socket, 1, 'hello', { protocol: PROTOCOL_VERSION, token, client });
    await once(socket, 'readable');
    return socket;
  }

  async #tidyUp(): Promise<void> {
    await Promise.all(this.managers.splice(0).map((manager) => manager[Symbol.asyncDispose]()));
    for (const socket of this.#sockets.splice(0)) socket.destroy();
    await Promise.all(this.#clients.splice(0).map((client) => client.kill()));
    const hosts = this.hosts();
    for (const host of hosts) {
      this.pythons(host);
      process.kill(host, 'SIGCONT');
      process.kill(host, 'SIGTERM');
    }
    const hanging = await untilGone(hosts);
    for (const host of hanging) process.kill(host, 'SIGKILL');
    const left = await untilGone([...this.#pythons]);
    for (const pid of left) process.kill(pid, 'SIGKILL');
    this.#pythons.clear();
    await rm(this.root, { recursive: true, force: true });
    this.#root = undefined;
    assert.deepEqual(hanging, [], 'a host ends when it is told to');
    assert.deepEqual(left, [], 'no Python outlives its host');
  }
}

/** A process that attaches to a host, see `support/hostClient.ts`. */
export class HostClientProcess {
  readonly process: ChildProcessWithoutNullStreams;
  readonly said: HostClientSays[] = [];
  readonly #ended: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  #hasEnded = false;

  constructor(task: HostClientTask) {
    const script = path.join(PROJECT_FOLDER, 'out/test/contract/support/hostClient.js');
    this.process = spawn(process.execPath, [script, JSON.stringify(task)]);
    this.process.stderr.pipe(process.stderr);
    this.process.stdin.on('error', () => undefined);
    const lines = createInterface(this.process.stdout);
    lines.on('line', (line) => {
      this.said.push(JSON.parse(line));
      this.#wake();
    });
    this.#ended = once(lines, 'close').then(() => {
      this.#hasEnded = true;
      this.#wake();
    });
  }

  /** The ids of the sessions that it knows of. */
  get sessions(): readonly string[] {
    return this.said.flatMap((said) => ('sessions' in said ? [said.sessions] : [])).at(-1) ?? [];
  }

  /** Lets one that waits attach. */
  go(): void {
    this.process.stdin.write('go\n');
  }

  /** The first thing that it says of a kind. @throws where it ends without saying it */
  async says<Kind extends string>(kind: Kind): Promise<Extract<HostClientSays, Record<Kind, unknown>>> {
    for (;;) {
      const found = this.said.find((said) => kind in said);
      if (found) return found as Extract<HostClientSays, Record<Kind, unknown>>;
      if (this.#hasEnded) throw new Error(`It has said ${JSON.stringify(this.said)} and no "${kind}".`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Ends it without a chance to say goodbye. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.#ended;
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** What was printed, of a run's events. */
export function textOf(events: readonly RunEvent[]): string {
  return events.map((event) => ('text' in event ? event.text : '')).join('');
}
