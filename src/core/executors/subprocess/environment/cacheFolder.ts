import path from 'node:path';
import envPaths from 'env-paths';

/**
 * Where environments are kept unless somebody says otherwise. People put packages into them, so that it is no folder
 * that systems clean up.
 */
export function defaultCacheFolder(): string {
  return path.join(envPaths('python-code-mode', { suffix: '' }).data, 'python');
}

/** Options with the folder settled. */
export type InCacheFolder<T> = T & { readonly cacheFolder: string };
