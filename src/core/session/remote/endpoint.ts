import { createHash, randomBytes } from 'node:crypto';
import { chmod, link, lstat, mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';
import { CodeModeError } from '../../contract/errors.ts';

/** Where a served session manager can be reached and by whom: readable for its owner only. */
const EndpointSchema = z.object({
  workspaceFolder: z.string(),
  baseFolder: z.string().nullable(),
  /** A Unix domain socket's path or a named pipe's name. */
  address: z.string().min(1),
  token: z.string().min(1),
  /** For people who look for the process. */
  pid: z.number(),
});
export type Endpoint = z.infer<typeof EndpointSchema>;

/** Folder for the endpoints' files; a test chooses its own. */
export interface EndpointOptions {
  readonly folder?: string;
}

/** Linux allows 108 bytes for a socket's path, macOS 104. */
const MAX_SOCKET_PATH = 100;

/** A new secret, 256 bits, as text. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** A fresh address for a socket, in a folder that only this user can enter. */
export async function newAddress(): Promise<string> {
  const name = `session-${process.pid}-${randomBytes(6).toString('hex')}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\python-code-mode-${name}`;
  const owner = process.getuid?.() ?? 'user';
  const candidates = [process.env.XDG_RUNTIME_DIR, tmpdir(), '/tmp'].filter((folder) => !!folder) as string[];
  for (const parent of candidates) {
    const folder = path.join(parent, `python-code-mode-${owner}`);
    const address = path.join(folder, `${name}.sock`);
    if (Buffer.byteLength(address) > MAX_SOCKET_PATH) continue;
    try {
      await ensurePrivateFolder(folder);
      return address;
    } catch {
      // A runtime folder of another login, or one that is gone: the next candidate.
    }
  }
  throw new CodeModeError(
    'file',
    `There is no private folder for a socket (tried ${candidates.join(', ')}).`,
    {
      hint: 'Make the temporary folder writable for this user.',
    },
  );
}

/**
 * Announces the endpoint of a workspace folder.
 *
 * @returns whether it is announced now: false where another process already serves the same folder
 */
export async function publish(endpoint: Endpoint, options: EndpointOptions = {}): Promise<boolean> {
  const folder = endpointsFolder(options);
  await ensurePrivateFolder(folder);
  const file = endpointFile(folder, endpoint.workspaceFolder);
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, JSON.stringify(endpoint), { mode: 0o600, flag: 'wx' });
  try {
    if (await linkUnlessTaken(draft, file)) return true;
    const existing = await readEndpoint(file);
    if (existing && (await isServed(existing.address))) return false;
    // Whoever wrote it has gone without tidying up.
    await rm(file, { force: true });
    if (existing) await removeSocket(existing.address);
    return await linkUnlessTaken(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Takes an announcement back, unless another has taken its place. */
export async function withdraw(endpoint: Endpoint, options: EndpointOptions = {}): Promise<void> {
  const file = endpointFile(endpointsFolder(options), endpoint.workspaceFolder);
  if ((await readEndpoint(file))?.token === endpoint.token) await rm(file, { force: true });
  await removeSocket(endpoint.address);
}

/** The endpoint of `folder` or of the nearest folder above it. */
export async function findByWorkspaceFolder(
  folder: string,
  options: EndpointOptions = {},
): Promise<Endpoint | undefined> {
  const endpoints = endpointsFolder(options);
  for (let at = await canonical(folder); ; at = path.dirname(at)) {
    const endpoint = await readEndpoint(endpointFile(endpoints, at));
    if (endpoint) return endpoint;
    if (path.dirname(at) === at) return undefined;
  }
}

/** The endpoint whose sessions keep their files in `baseFolder`. */
export async function findByBaseFolder(
  baseFolder: string,
  options: EndpointOptions = {},
): Promise<Endpoint | undefined> {
  const folder = endpointsFolder(options);
  const wanted = await canonical(baseFolder);
  for (const name of await readdir(folder).catch(() => [])) {
    const endpoint = name.endsWith('.json') ? await readEndpoint(path.join(folder, name)) : undefined;
    if (endpoint?.baseFolder === wanted) return endpoint;
  }
  return undefined;
}

/** A folder's one name: absolute, with links followed as far as it exists. */
export async function canonical(folder: string): Promise<string> {
  const absolute = path.resolve(folder);
  return realpath(absolute).catch(() => absolute);
}

/**
 * Connects to an address. @throws the socket's error, or one for a time-out after `milliseconds`
 */
export async function connectTo(address: string, milliseconds: number): Promise<Socket> {
  const socket = connect(address);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('Nobody answers.')), milliseconds);
    socket.once('connect', resolve);
    socket.once('error', reject);
    socket.once('close', () => clearTimeout(timer));
    socket.once('connect', () => clearTimeout(timer));
  });
  return socket;
}

function endpointsFolder({ folder }: EndpointOptions): string {
  return folder ?? path.join(envPaths('python-code-mode', { suffix: '' }).data, 'live-sessions');
}

function endpointFile(folder: string, workspaceFolder: string): string {
  // A home folder may be shared by machines, a socket is not.
  const key = createHash('sha256').update(`${hostname()}\0${workspaceFolder}`).digest('hex').slice(0, 32);
  return path.join(folder, `${key}.json`);
}

async function readEndpoint(file: string): Promise<Endpoint | undefined> {
  try {
    return EndpointSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Missing, half removed or of another version: nobody there, as far as this version can tell.
    return undefined;
  }
}

async function isServed(address: string): Promise<boolean> {
  try {
    (await connectTo(address, 2000)).destroy();
    return true;
  } catch {
    return false;
  }
}

async function linkUnlessTaken(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeSocket(address: string): Promise<void> {
  if (process.platform !== 'win32') await rm(address, { force: true });
}

/** Makes a folder that nobody else can enter. @throws where it belongs to someone else or is not a folder */
async function ensurePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return;
  // Not followed: a link that someone else put there must not lead to their folder.
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new CodeModeError('file', `"${folder}" is not a folder of this user.`, { hint: 'Remove it.' });
  }
  if ((found.mode & 0o077) !== 0) await chmod(folder, 0o700);
}
