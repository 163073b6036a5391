import { parsePackageSpec } from '../../deps/packageSpec.ts';
import type { StoredDependency } from './transferStore.ts';

/** A package as it is written somewhere, under its normalised name; what is none stands there under its own text. */
export function storedDependency(written: string): [name: string, stored: StoredDependency] {
  try {
    const { name, text } = parsePackageSpec(written);
    return [name, { spec: text }];
  } catch (error) {
    return [written, { problem: (error as Error).message }];
  }
}
