export { type PythonEnvironment, type ResolveOptions, resolveEnvironment } from './environment.ts';
export { type FindOptions, type FoundInterpreter, findInterpreters } from './find.ts';
export { type InterpreterFacts, inspectInterpreter } from './inspect.ts';
export { findUv } from './uv.ts';
