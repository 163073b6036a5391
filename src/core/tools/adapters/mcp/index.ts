import type { ToolAdapter } from '../../tool.ts';
import { checkMcpConfig, type McpConfig, McpConfigSchema } from './config.ts';
import { McpTool } from './mcpTool.ts';

/** An MCP server is one tool, and the tools of the server are its callables. */
export const mcpAdapter: ToolAdapter<McpConfig> = {
  type: 'mcp',
  schema: McpConfigSchema,
  check: checkMcpConfig,
  create: (definition, services) => new McpTool(definition, services),
};
