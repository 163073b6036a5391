import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

let name: string | undefined;

/** Where a process id means the same: this host, and on Linux this container. */
export function machineName(): string {
  if (name === undefined) {
    let namespace = '';
    try {
      namespace = readlinkSync('/proc/self/ns/pid');
    } catch {
      // Not Linux: there is one such space a machine.
    }
    name = `${hostname()} ${namespace}`;
  }
  return name;
}
