export { openToolSources, type ToolPlaces } from './openToolSources.ts';
export { ToolDefinitions, type ToolDefinitionsOptions } from './toolDefinitions.ts';
export type { SourceEntry, ToolSource } from './toolSource.ts';
