import type { ExecutorDescriptor } from '../../core/executors/registry.ts';

/** How the executors that there are present themselves; loaded on first use. */
export async function loadExecutors(): Promise<readonly ExecutorDescriptor[]> {
  const { executorRegistry } = await import('./core.ts');
  return executorRegistry.list();
}
