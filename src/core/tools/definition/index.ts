export { type DefinedTool, type LocatedProblem, parseToolDefinition } from './parse.ts';
