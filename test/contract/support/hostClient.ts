// A process that attaches to a session host, does one thing and says what it sees, a line of JSON for each:
// `node hostClient.js WHAT`, which is a HostClientTask as JSON.
import { CodeModeError } from '../../../src/core/contract/errors.ts';
import type { RunEvent } from '../../../src/core/contract/execution.ts';
import { attachToHost, type HostClientOptions } from '../../../src/core/session/host/hostClient.ts';
import { findByBaseFolder } from '../../../src/core/session/remote/announcement.ts';
import type { SessionSpec } from '../../../src/core/session/session.ts';

/** What such a process is told to do. */
export interface HostClientTask {
  readonly host: Omit<HostClientOptions, 'onInput' | 'onSecret' | 'log' | 'openWorkspaceSession'>;
  /** It attaches once it is told to, on its standard input. */
  readonly waits?: boolean;
  readonly spec?: SessionSpec;
  /** What it runs in the session. */
  readonly code?: string;
  /** Says that it was asked a question, and gives this answer; null: none, ever. */
  readonly answer?: string | null;
}

/** What such a process says. */
export type HostClientSays =
  | { readonly attached: number | undefined }
  | { readonly event: RunEvent['kind'] }
  | { readonly asked: string }
  /** Its session was closed. */
  | { readonly closed: true }
  /** The ids of those that it knows of. */
  | { readonly sessions: readonly string[] }
  | {
      readonly result: string;
      readonly stdout: number;
      readonly heard: number;
      readonly omitted: number;
      readonly marks: number;
    }
  | { readonly error: string; readonly hint: string | undefined };

function say(said: HostClientSays): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

async function main(): Promise<void> {
  const { host, waits, spec, code, answer } = JSON.parse(process.argv[2] ?? '') as HostClientTask;
  if (waits) {
    process.stdout.write('{"waits":true}\n');
    await new Promise((resolve) => process.stdin.once('data', resolve));
  }
  const manager = await attachToHost(host);
  say({ attached: (await findByBaseFolder(host.baseFolder, host))?.pid });
  // Until it is killed.
  setInterval(() => undefined, 60_000);
  if (!spec || code === undefined) return;
  const session = await manager.open(spec);
  session.onDidClose(() => say({ closed: true }));
  manager.onDidChangeSessions(() => {
    void manager.list().then((infos) => say({ sessions: infos.map(({ id }) => id) }));
  });
  let heard = 0;
  let omitted = 0;
  let marks = 0;
  const seen = new Set<string>();
  const result = await session.run(code, {
    tag: 'of another process',
    onEvent: (event) => {
      if ('text' in event) heard += event.text.length;
      if (event.kind === 'omitted') {
        omitted += event.characters;
        marks += 1;
      }
      if (!seen.has(event.kind)) say({ event: event.kind });
      seen.add(event.kind);
    },
    ...(answer === undefined
      ? {}
      : {
          onInput: async ({ prompt }) => {
            say({ asked: prompt });
            return answer ?? new Promise<string>(() => undefined);
          },
        }),
  });
  say({ result: result.status, stdout: result.stdout.length, heard, omitted, marks });
}

main().catch((error: unknown) => {
  const isOurs = CodeModeError.is(error);
  say({ error: isOurs ? error.code : String(error), hint: isOurs ? error.hint : undefined });
  process.exit(1);
});
