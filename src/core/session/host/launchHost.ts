import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { CodeModeError, ErrorCodeSchema } from '../../contract/errors.ts';
import type { AnnouncementOptions } from '../remote/announcement.ts';

/** What the host is told when it is started. */
export interface LaunchHostOptions extends AnnouncementOptions {
  /** Absolute path of the base folder that the host is for. */
  readonly baseFolder: string;
  /** Absolute path of the built `dist` folder. */
  readonly distFolder: string;
  /** Of the extension. */
  readonly version: string;
}

/** The first and only line that a host prints. */
const StartedSchema = z.union([
  z.object({ ready: z.literal(true) }),
  z.object({
    error: z.object({ code: ErrorCodeSchema, message: z.string(), hint: z.string().exactOptional() }),
  }),
]);
/** What a host says of its start. */
export type Started = z.infer<typeof StartedSchema>;

/** How long a host may take to start, in milliseconds: a busy machine reads a program slowly. */
const START_MS = 30_000;
/** Of what a host complains about while it starts. */
const MAX_COMPLAINT_CHARACTERS = 4000;

/**
 * Starts the host of a base folder as a process that outlives this one; resolves once it can be attached to, or another
 * one has been faster.
 *
 * @throws CodeModeError `start-failed`, or what the host says
 */
export async function launchHost({
  baseFolder,
  distFolder,
  version,
  folder,
}: LaunchHostOptions): Promise<void> {
  const host = spawn(
    process.execPath,
    [
      path.join(distFolder, 'host.js'),
      ...['--base', baseFolder, '--version', version],
      ...(folder === undefined ? [] : ['--folder', folder]),
    ],
    {
      // The editor's own program is a Node with this variable.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      // No folder that somebody may want to remove.
      cwd: homedir(),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      windowsHide: true,
    },
  );
  let printed = '';
  let complaints = '';
  host.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  host.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-MAX_COMPLAINT_CHARACTERS);
  });
  const end = await new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(`it took longer than ${START_MS / 1000} s`), START_MS);
    host.stdout.on('data', () => printed.includes('\n') && resolve(undefined));
    host.on('error', (error) => resolve(error.message));
    host.on('close', (code, signal) => resolve(signal ? `ended by ${signal}` : `exit code ${code}`));
    host.on('close', () => clearTimeout(timer));
    host.stdout.on('data', () => clearTimeout(timer));
  });
  const started = StartedSchema.safeParse(parseLine(printed));
  if (started.success && 'ready' in started.data) {
    // From here on it is on its own.
    host.stdout.destroy();
    host.stderr.destroy();
    host.unref();
    return;
  }
  host.kill('SIGKILL');
  if (started.success && 'error' in started.data) {
    const { code, message, hint } = started.data.error;
    throw new CodeModeError(code, message, hint === undefined ? {} : { hint });
  }
  const reason = [end ?? 'it said something else than expected', complaints.trim()]
    .filter(Boolean)
    .join('\n');
  throw new CodeModeError('start-failed', `The session host could not be started: ${reason}.`, {
    hint: 'Reinstall the extension, or reload the window.',
  });
}

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text.split('\n')[0] ?? '');
  } catch {
    return undefined;
  }
}
