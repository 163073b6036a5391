import type { ToolAdapter } from '../../tool.ts';
import { checkCliConfig } from './check.ts';
import { CliTool } from './cliTool.ts';
import { type CliConfig, CliConfigSchema } from './config.ts';

/** Command-line programs: one process for each call, without a shell. */
export const cliAdapter: ToolAdapter<CliConfig> = {
  type: 'cli',
  schema: CliConfigSchema,
  check: checkCliConfig,
  create: (definition, services) => new CliTool(definition, services),
};
