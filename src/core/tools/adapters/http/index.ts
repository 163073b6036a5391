import type { ToolAdapter } from '../../tool.ts';
import { checkHttpConfig } from './check.ts';
import { type HttpConfig, HttpConfigSchema } from './config.ts';
import { HttpTool } from './httpTool.ts';

/** HTTP APIs: a base URL with endpoints, or an OpenAPI document. */
export const httpAdapter: ToolAdapter<HttpConfig> = {
  type: 'http',
  schema: HttpConfigSchema,
  check: checkHttpConfig,
  create: (definition, services) => new HttpTool(definition, services),
};
