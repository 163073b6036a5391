import type { ContainerControl } from '../../contract/container.ts';
import { UnsupportedError } from '../../contract/errors.ts';
import { ToContainer } from './containerMessages.ts';
import { ToldOfDependencies } from './dependencyMessages.ts';
import type { Peer } from './peer.ts';

/**
 * Answers what a client asks of the containers of sessions.
 *
 * @param containerOf - that of a session; undefined: it has none. @throws CodeModeError where there is no such session, or
 *   the client may not ask
 */
export function serveContainer(
  peer: Peer,
  containerOf: (session: string) => ContainerControl | undefined,
): void {
  const existing = (session: string): ContainerControl => {
    const container = containerOf(session);
    if (container) return container;
    throw new UnsupportedError(
      'Python runs in no container here.',
      'Set codeMode.executor to "container" for one.',
    );
  };
  // What the contract gives is plain data already; its arrays are read-only where the schema's are not.
  peer.handle(ToContainer.report, async ({ session }) => (await existing(session).report()) as never);
  peer.handle(ToContainer.usage, async ({ session }) => existing(session).usage());
  peer.handle(ToContainer.log, async ({ session }) => existing(session).log());
  peer.handle(ToContainer.stop, async ({ session }) => {
    await existing(session).stop();
    return null;
  });
  peer.handle(ToContainer.rebuild, async ({ session, change }, { signal }) => {
    await existing(session).rebuild({
      signal,
      onProgress: (line) => void peer.tell(ToldOfDependencies.progress, { change, line }),
    });
    return null;
  });
}
