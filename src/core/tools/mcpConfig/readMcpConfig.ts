import { z } from 'zod';
import { parseCommentedJson } from '../../common/commentedJson.ts';
import type { Json } from '../../contract/execution.ts';
import { type DraftDefinition, draftDefinition } from './definitions.ts';
import { translateVariables } from './editorVariables.ts';
import { toolNameFor } from './serverName.ts';

/** A server of a `mcp.json`. Plain data. */
export interface ConfiguredServer {
  /** As the file calls it. */
  readonly label: string;
  /** Its command line or its address; empty where it says neither. */
  readonly description: string;
  /** What it would be called as a tool: a Python identifier, which no other of the file has. */
  readonly name: string;
  /** How a tool would define it; undefined where it can't be one. */
  readonly definition: DraftDefinition | undefined;
  /** What can't be carried over, or why it can't be a tool; undefined: nothing. */
  readonly problem: string | undefined;
}

/** What a `mcp.json` says. */
export interface McpConfigFile {
  readonly servers: readonly ConfiguredServer[];
  /** Why it can't be read; undefined: it can. */
  readonly problem: string | undefined;
}

const Value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const Server = z.object({
  type: z.string().optional(),
  command: z.string().optional(),
  args: z.array(z.union([z.string(), z.number()]).transform(String)).optional(),
  env: z.record(z.string(), Value).optional(),
  envFile: z.string().optional(),
  cwd: z.string().optional(),
  url: z.string().optional(),
  headers: z.record(z.string(), Value).optional(),
});
type Server = z.infer<typeof Server>;

const Servers = z.record(z.string(), z.unknown());
/** The editor says `servers`, others say `mcpServers`. */
const File = z.object({ servers: Servers.optional(), mcpServers: Servers.optional() });

/**
 * Reads the text of a `.vscode/mcp.json`: which servers it names, and how tools would define them.
 *
 * Values that the editor asks for (`${input:api-key}`) become variables of tools (`${API_KEY}`), whose values are asked
 * for, or taken from the environment, when the server is started. Starts and reads nothing.
 */
export function readMcpConfig(text: string): McpConfigFile {
  let file: z.infer<typeof File>;
  try {
    file = File.parse(parseCommentedJson(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    return { servers: [], problem: `It can't be read: ${why}` };
  }
  const names = new Set<string>();
  const entries = Object.entries({ ...file.mcpServers, ...file.servers });
  return { servers: entries.map(([label, server]) => readServer(label, server, names)), problem: undefined };
}

function readServer(label: string, given: unknown, names: Set<string>): ConfiguredServer {
  const wanted = toolNameFor(label);
  let name = wanted;
  for (let count = 2; names.has(name); count += 1) name = `${wanted}_${count}`;
  names.add(name);
  const { success, data, error } = Server.safeParse(given);
  if (!success) {
    return { label, name, description: '', definition: undefined, problem: z.prettifyError(error) };
  }
  const { command, args = [], url } = data;
  const description = command === undefined ? (url ?? '') : [command, ...args].join(' ');
  const problems: string[] = [];
  const definition = defineServer(name, label, data, problems);
  const problem = problems.length === 0 ? undefined : problems.join(' ');
  return { label, name, description, definition, problem };
}

function defineServer(
  name: string,
  label: string,
  { type, command, args = [], env = {}, envFile, cwd, url, headers = {} }: Server,
  problems: string[],
): DraftDefinition | undefined {
  const unknown = new Set<string>();
  const translate = (text: string) => translateVariables(text, (variable) => unknown.add(variable));
  const description = `The MCP server ${label}`;
  let definition: DraftDefinition;
  if (command !== undefined && (type === undefined || type === 'stdio')) {
    definition = draftDefinition(name, description, {
      command: translate(command),
      args: args.map(translate),
      env: translateValues(env, translate),
      cwd: cwd === undefined ? undefined : translate(cwd),
    });
  } else if (url !== undefined && type !== 'stdio') {
    definition = draftDefinition(name, description, {
      transport: type === 'sse' ? 'sse' : 'streamable_http',
      url: translate(url),
      headers: translateValues(headers, translate),
    });
  } else {
    problems.push(`It has no ${type === 'stdio' || url !== undefined ? 'command' : 'command and no url'}.`);
    return undefined;
  }
  if (envFile !== undefined) {
    problems.push(`Its envFile (${envFile}) is not read: write what it needs of it under env.`);
  }
  if (unknown.size > 0) {
    problems.push(`Tools do not know ${[...unknown].join(', ')}: write what it stands for.`);
  }
  return definition;
}

/** Null takes a variable away in the editor; a tool has only what it is given. */
function translateValues(
  values: Readonly<Record<string, string | number | boolean | null>>,
  translate: (text: string) => string,
): Record<string, Json> {
  const set = Object.entries(values).filter(([, value]) => value !== null);
  return Object.fromEntries(set.map(([key, value]) => [key, translate(String(value))]));
}
