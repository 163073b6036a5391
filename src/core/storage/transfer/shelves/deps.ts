import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../../contract/errors.ts';
import { storedDependencies } from '../dependencies.ts';
import { compareMaps, type Shelf } from './shelf.ts';

export const dependencyShelf: Shelf = {
  async compare(source, target) {
    const [ours, theirs] = await Promise.all([
      storedDependencies(source.deps),
      storedDependencies(target.deps),
    ]);
    return compareMaps(ours, theirs, isDeepStrictEqual, (stored) =>
      'problem' in stored ? stored.problem : undefined,
    );
  },

  async copier(from, to) {
    const packages = await storedDependencies(from.deps);
    return async (name) => {
      const stored = packages.get(name);
      if (!stored || 'problem' in stored) {
        throw new UsageError(stored?.problem ?? `There is no package "${name}".`);
      }
      await to.deps.save(stored.spec);
    };
  },

  async delete(name, from) {
    await from.deps.delete(name);
  },
};
