import type { StorageBackend } from '../contract/storage.ts';
import {
  hasSkills as hasFileSkills,
  migrateSkills as migrateFileSkills,
  type SkillsMigration,
} from './file/skills.ts';
import { RedisStorage } from './redis/redisStorage.ts';

/** Whether a store has workflows where older versions of py-code-mode keep them. @throws CodeModeError `storage` */
export async function hasSkills(storage: StorageBackend): Promise<boolean> {
  if (storage instanceof RedisStorage) return await storage.hasSkills();
  const root = rootOf(storage);
  return root !== undefined && (await hasFileSkills(root));
}

/** Moves those to where workflows are kept now, and replaces nothing there. @throws CodeModeError `storage` */
export async function migrateSkills(storage: StorageBackend): Promise<Readonly<SkillsMigration>> {
  if (storage instanceof RedisStorage) {
    const { moved, kept } = await storage.migrateSkills();
    return { moved: [...moved], kept: [...kept] };
  }
  const root = rootOf(storage);
  return root === undefined ? { moved: [], kept: [] } : await migrateFileSkills(root);
}

function rootOf(storage: StorageBackend): string | undefined {
  const access = storage.getSerializableAccess();
  return access.type === 'file' ? (access.root_path ?? undefined) : undefined;
}
