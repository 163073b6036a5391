import type { Json } from '../../contract/execution.ts';

/** A tool's definition before it is YAML. Plain data. */
export type DraftDefinition = Readonly<Record<string, Json>> & { readonly name: string };

/** A server that is a program. */
export interface ProgramServer {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, Json>>;
  readonly cwd?: string | undefined;
}

/** A server that runs already. */
export interface RemoteServer {
  readonly transport: 'streamable_http' | 'sse';
  readonly url: string;
  readonly headers?: Readonly<Record<string, Json>>;
}

/** The definition of a tool, without what says nothing. */
export function draftDefinition(
  name: string,
  description: string,
  server: ProgramServer | RemoteServer,
): DraftDefinition {
  const reached = 'command' in server ? { transport: 'stdio', ...server } : server;
  const said = Object.entries(reached).filter(([, value]) => value !== undefined && !isEmpty(value));
  return { name, type: 'mcp', ...Object.fromEntries(said), description };
}

function isEmpty(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
