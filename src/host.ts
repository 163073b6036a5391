import path from 'node:path';
import { parseArgs } from 'node:util';
import { canonical } from './core/common/files/canonical.ts';
import { CodeModeError } from './core/contract/errors.ts';
import { HostLog } from './core/session/host/hostLog.ts';
import type { Started } from './core/session/host/launchHost.ts';
import { SessionHost } from './core/session/host/sessionHost.ts';
import {
  type AnnouncementOptions,
  announcementFile,
  announcementsFolder,
  cannotAnnounce,
} from './core/session/remote/announcement.ts';

// The session host: `node host.js --base DIR --version VERSION [--folder DIR]`. Started by whoever needs the sessions of a
// base folder first (see core/session/host/launchHost.ts), and ends by itself.

/** How long the sessions may take to end, in milliseconds. */
const END_MS = 8000;

async function main(): Promise<void> {
  const { base, version, folder } = parseArgs({
    options: { base: { type: 'string' }, version: { type: 'string' }, folder: { type: 'string' } },
  }).values;
  if (base === undefined || version === undefined) throw new Error('--base and --version are missing.');
  const place: AnnouncementOptions = folder === undefined ? {} : { folder };
  const announcements = announcementsFolder(place);
  const log = new HostLog(announcementFile(announcements, await canonical(base)).replace(/json$/, 'log'));
  let host: SessionHost | undefined;
  let ending = false;
  const end = async (reason: string, code = 0): Promise<void> => {
    if (ending) return;
    ending = true;
    log.write(`ends: ${reason}`);
    // Whatever hangs, the process goes: Python ends with it.
    setTimeout(() => process.exit(code), END_MS).unref();
    await host?.[Symbol.asyncDispose]();
    process.exit(code);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => void end(`it was sent ${signal}`));
  }
  // A fault of one call must not cost everybody their variables.
  const onFault = (error: unknown) => {
    log.write(error instanceof Error ? (error.stack ?? error.message) : String(error));
  };
  process.on('uncaughtException', onFault);
  process.on('unhandledRejection', onFault);
  // Whoever started it reads one line, then goes.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    host = await SessionHost.start({
      ...place,
      baseFolder: base,
      version,
      distFolder: __dirname,
      log: (line) => log.write(line),
      onUnused: (reason) => void end(reason),
    });
  } catch (error) {
    report({ error: describe(error, announcements) });
    return end(`it could not start: ${String(error)}`, 1);
  }
  report({ ready: true });
  if (!host) return end('another one has been faster');
  log.write(`serves "${base}", version ${version}, log "${path.basename(log.file)}"`);
}

function report(started: Started): void {
  process.stdout.write(`${JSON.stringify(started)}\n`);
}

function describe(error: unknown, folder: string): Extract<Started, { error: unknown }>['error'] {
  const { code, message, hint } = CodeModeError.is(error) ? error : cannotAnnounce(folder, error);
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

void main();
