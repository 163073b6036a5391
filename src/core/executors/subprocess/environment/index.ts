export { defaultCacheFolder } from './cacheFolder.ts';
export { type PythonEnvironment, type ResolveOptions, resolveEnvironment } from './environment.ts';
export { type ExistingEnvironment, existingEnvironment } from './existing.ts';
export { type FindOptions, type FoundInterpreter, findInterpreters } from './find.ts';
export { type InterpreterFacts, inspectInterpreter } from './inspect.ts';
export { type KnownPlaces, packagePlaces } from './places.ts';
export { findUv } from './uv.ts';
