import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { CodeModeError } from '../../../contract/errors.ts';
import { createProxy, type Outside } from '../../confinement/domainFilter.ts';
import { checkDomains } from '../../confinement/policy.ts';
import type { ContainerLink } from '../link/containerLink.ts';

/**
 * Lets programs in a container without a network reach some domains, or what is outside: what they connect to inside is an HTTP
 * proxy that runs here. It ends with the container.
 *
 * @throws SettingsError for what is no domain
 */
export function openTunnel(
  link: Pick<ContainerLink, 'listen' | 'onConnect' | 'onEnd'>,
  reach: readonly string[] | Outside,
  log: (line: string) => void,
): void {
  const allowed = 'named' in reach ? reach : checkDomains(reach);
  const connections = new Set<Duplex>();
  let proxy: Promise<Server> | undefined;
  const connecting = link.onConnect((connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
    connection.on('error', () => undefined);
    // Made at the first connection: until then a start has no part in its cost.
    proxy ??= createProxy(allowed);
    proxy.then(
      (http) => http.emit('connection', connection),
      (error: unknown) => {
        log(`tunnel: ${CodeModeError.describe(error)}`);
        connection.destroy();
      },
    );
  });
  const ending = link.onEnd(() => {
    connecting.dispose();
    ending.dispose();
    for (const connection of connections) connection.destroy();
  });
  link.listen();
}
