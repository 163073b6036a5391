import type { z } from 'zod';
import type { Dependencies, DependencyChangeOptions } from '../../contract/dependencies.ts';
import type { RequestDefinition } from './definitions.ts';
import { ToDependencies, ToldOfDependencies } from './dependencyMessages.ts';
import type { Cancellation, Peer } from './peer.ts';

/**
 * Answers what a client asks of the packages of sessions. A change goes on when the client goes away.
 *
 * @param dependenciesOf - those of a session. @throws CodeModeError where there is none, or the client may not ask
 */
export function serveDependencies(peer: Peer, dependenciesOf: (session: string) => Dependencies): void {
  const options = (change: string, { signal }: Cancellation): DependencyChangeOptions => ({
    signal,
    onProgress: (line) => void peer.tell(ToldOfDependencies.progress, { change, line }),
  });
  const change = <Result extends z.ZodType>(
    definition: RequestDefinition<typeof ToDependencies.add.params, Result>,
    act: (
      dependencies: Dependencies,
      names: readonly string[],
      options: DependencyChangeOptions,
    ) => Promise<object>,
  ) =>
    peer.handle(
      definition,
      async ({ session, change: id, names }, cancellation) =>
        // What the contract gives is plain data already; its arrays are read-only where the schema's are not.
        (await act(dependenciesOf(session), names, options(id, cancellation))) as never,
    );

  peer.handle(
    ToDependencies.report,
    async ({ session }) => (await dependenciesOf(session).report()) as never,
  );
  peer.handle(ToDependencies.list, async ({ session }) => [...(await dependenciesOf(session).list())]);
  change(ToDependencies.add, (dependencies, names, given) => dependencies.add(names, given));
  change(ToDependencies.remove, (dependencies, names, given) => dependencies.remove(names, given));
  change(ToDependencies.install, (dependencies, names, given) => dependencies.install(names, given));
  change(ToDependencies.uninstall, (dependencies, names, given) => dependencies.uninstall(names, given));
  change(ToDependencies.upgrade, (dependencies, names, given) => dependencies.upgrade(names, given));
  peer.handle(
    ToDependencies.sync,
    async ({ session, change: id }, cancellation) =>
      (await dependenciesOf(session).sync(options(id, cancellation))) as never,
  );
  peer.handle(ToDependencies.newest, async ({ session }, { signal }) =>
    dependenciesOf(session).newest(signal),
  );
  peer.handle(
    ToDependencies.lookUp,
    async ({ session, name }, { signal }) => (await dependenciesOf(session).lookUp(name, signal)) as never,
  );
}
