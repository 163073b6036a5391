import { containerDescriptor } from './container/index.ts';
import { inProcessDescriptor, sandboxDescriptor } from './pyodide/index.ts';
import { ExecutorRegistry } from './registry.ts';
import { subprocessDescriptor } from './subprocess/index.ts';

/** All executors; the first is the default. A new backend is one line here. */
export const executorRegistry = new ExecutorRegistry([
  sandboxDescriptor,
  inProcessDescriptor,
  subprocessDescriptor,
  containerDescriptor,
]);
