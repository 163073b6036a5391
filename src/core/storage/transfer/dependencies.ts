import type { DependencyStore } from '../../deps/configuration/dependencyStore.ts';
import { parsePackageSpec } from '../../deps/packageSpec.ts';

/** A package as every store can keep it, or why it is none: a path, a URL, a marker. */
export type StoredDependency = { readonly spec: string } | { readonly problem: string };

/** The packages of a store by normalised name; what no store can keep stands there under its own text. */
export async function storedDependencies(
  store: DependencyStore,
): Promise<ReadonlyMap<string, StoredDependency>> {
  return new Map((await store.list()).map(({ spec }) => storedDependency(spec)));
}

function storedDependency(written: string): [name: string, stored: StoredDependency] {
  try {
    const { name, text } = parsePackageSpec(written);
    return [name, { spec: text }];
  } catch (error) {
    return [written, { problem: (error as Error).message }];
  }
}
