import type { ToolAdapter } from '../tool.ts';
import { cliAdapter } from './cli/index.ts';
import { httpAdapter } from './http/index.ts';
import { mcpAdapter } from './mcp/index.ts';

/** Every kind of tools, by what `type:` says. A new kind is a folder beside this file and a line here. */
const ADAPTERS: readonly ToolAdapter[] = [cliAdapter, mcpAdapter, httpAdapter];

const BY_TYPE: ReadonlyMap<string, ToolAdapter> = new Map(ADAPTERS.map((adapter) => [adapter.type, adapter]));

/** Undefined: there is no such kind of tools. */
export function adapterOf(type: string): ToolAdapter | undefined {
  return BY_TYPE.get(type);
}

/** What `type:` can say, in the order in which kinds are offered. */
export const adapterTypes: readonly string[] = ADAPTERS.map(({ type }) => type);
