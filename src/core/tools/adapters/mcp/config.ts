import { z } from 'zod';
import { TimeoutSchema } from '../../../contract/execution.ts';
import { commonFields } from '../../definition/common.ts';
import type { ToolProblem } from '../../tool.ts';

/** Seconds without an answer or progress after which a call fails, unless the definition says otherwise. */
const DEFAULT_TIMEOUT_S = 300;

/** What YAML may leave without quotes. */
const Text = z.union([z.string(), z.number(), z.boolean()]);

const filled = `Every \${NAME} is filled from the environment or from your secrets.`;

export const McpConfigSchema = z.object({
  ...commonFields,
  type: z.literal('mcp').describe('A server that speaks the Model Context Protocol (MCP).'),
  transport: z
    .enum(['stdio', 'sse', 'streamable_http', 'streamable-http', 'http'])
    .default('stdio')
    .describe(
      'How the server is spoken to: `stdio` starts it as a program; `streamable_http` and the older `sse` reach one that runs already. `http` is another word for `streamable_http`.',
    ),
  command: z
    .string()
    .min(1)
    .exactOptional()
    .describe(`For stdio: the program, such as npx or uvx. ${filled}`),
  args: z
    .array(Text)
    .default([])
    .describe(`For stdio: its arguments, one by one; there is no shell. ${filled}`),
  env: z
    .record(z.string(), Text)
    .default({})
    .describe(`For stdio: environment variables that it gets beside the ordinary ones. ${filled}`),
  cwd: z
    .string()
    .min(1)
    .exactOptional()
    .describe(`For stdio: the folder that it starts in; by default the workspace folder. ${filled}`),
  url: z.string().min(1).exactOptional().describe(`For sse and streamable_http: its address. ${filled}`),
  headers: z
    .record(z.string(), Text)
    .default({})
    .describe(`For sse and streamable_http: what every request carries. ${filled}`),
  timeout: TimeoutSchema.default(DEFAULT_TIMEOUT_S).describe(
    'Seconds without an answer or progress after which a call fails.',
  ),
});

/** An MCP server as its definition has it. */
export type McpConfig = z.infer<typeof McpConfigSchema>;

/** What is missing for the transport that is named, and what it has no use for. */
export function checkMcpConfig(config: McpConfig): readonly ToolProblem[] {
  const { transport } = config;
  const problems: ToolProblem[] = [];
  const missing = (message: string) => problems.push({ severity: 'error', message, path: [] });
  const unused = (key: 'command' | 'url', message: string) => {
    if (config[key] !== undefined) problems.push({ severity: 'warning', message, path: [key] });
  };
  if (transport === 'stdio') {
    if (config.command === undefined) missing('`command` is missing: the program that the server is.');
    unused(
      'url',
      'The transport stdio starts a command: `url` is not used. Did you mean transport: streamable_http?',
    );
  } else {
    if (config.url === undefined)
      missing(`\`url\` is missing: the address of the server for the transport ${transport}.`);
    unused('command', `The transport ${transport} starts nothing: \`command\` is not used.`);
  }
  return problems;
}
