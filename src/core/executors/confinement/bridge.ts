import type { Command } from './confinedCommand.ts';
import { SHELL } from './programs.ts';
import { withProxy } from './proxyEnvironment.ts';

/** Where a confined program finds its proxy: in its own network, where nobody else listens. */
const PORT = 3128;

/** Starts socat, waits until it listens, and becomes the program. Its words are arguments and never parsed. */
const SCRIPT = `
"$1" "TCP-LISTEN:$2,bind=127.0.0.1,reuseaddr,fork" "UNIX-CONNECT:$3" \\
  </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
ready=
until [ "$ready" ]; do
  kill -0 "$!" || exit 1
  while read -r _ _ _ state _; do
    if [ "$state" = 0A ]; then ready=yes; fi
  done </proc/net/tcp
done
shift 3
exec "$@"`;

/**
 * The same program with a bridge from its own network to a proxy at a Unix domain socket. The shell is needed inside.
 * @param socat the path of that program
 */
export function overBridge({ command, args, env }: Command, socat: string, socket: string): Command {
  return {
    command: SHELL,
    args: ['-c', SCRIPT, 'sh', socat, String(PORT), socket, command, ...args],
    env: withProxy(env, `http://127.0.0.1:${PORT}`),
  };
}
