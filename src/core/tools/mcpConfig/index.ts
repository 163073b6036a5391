export type { DraftDefinition } from './definitions.ts';
export { definitionFromCommand } from './fromCommand.ts';
export { type ConfiguredServer, type McpConfigFile, readMcpConfig } from './readMcpConfig.ts';
