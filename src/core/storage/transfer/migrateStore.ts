import type { SkillsMigration } from '../file/skills.ts';
import { type OpenStorageOptions, openStorage } from '../openStorage.ts';
import { migrateSkills } from '../skills.ts';
import type { StorageSpec } from '../storageSpec.ts';

/**
 * Renames what an older store calls skills to workflows; nothing is replaced.
 *
 * @throws CodeModeError `storage`
 */
export async function migrateStore(
  spec: StorageSpec,
  options: OpenStorageOptions = {},
): Promise<SkillsMigration> {
  await using storage = openStorage(spec, options);
  return await migrateSkills(storage);
}
