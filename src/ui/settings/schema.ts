import { z } from 'zod';
import { TimeoutSchema } from '../../core/contract/execution.ts';
import { checkSetting } from './checkSetting.ts';

/** The settings that decide how a session is made, checked. */
export interface SessionSettings {
  /** The id of an executor of the registry. */
  readonly executor: string;
  /** Seconds; null: no limit. */
  readonly timeoutS: number | null;
}

/** Those settings as the editor gives them: of any type, since nothing keeps a settings file to its schema. */
export type RawSessionSettings = Readonly<Record<'executor' | 'timeout', unknown>>;

const BaseFolderSchema = z
  .string({ error: 'a folder is a text' })
  .trim()
  .min(1, 'the name of the folder is empty');

/**
 * Checks the settings of a session.
 *
 * @param executors - the ids that there are
 * @throws SettingsError that names the first broken setting, what is wrong with it and what to set instead
 */
export function parseSessionSettings(raw: RawSessionSettings, executors: readonly string[]): SessionSettings {
  const ExecutorSchema = z
    .string({ error: 'an executor is a name' })
    .refine((id) => executors.includes(id), 'there is no such executor');
  return {
    executor: checkSetting(
      'executor',
      raw.executor,
      ExecutorSchema,
      `Set it to one of: ${executors.join(', ')}.`,
    ),
    timeoutS: parseTimeout(raw.timeout),
  };
}

/** Checks the setting of the base folder, as the person wrote it; see `resolveBaseFolder`. @throws SettingsError */
export function parseBaseFolder(raw: unknown): string {
  return checkSetting(
    'baseFolder',
    raw,
    BaseFolderSchema,
    'Set it to a folder, absolute or relative to the workspace folder, such as ".code-mode".',
  );
}

/**
 * Checks the setting of the timeout: seconds, where 0 stands for no limit.
 *
 * @returns seconds; null: no limit
 * @throws SettingsError
 */
export function parseTimeout(raw: unknown): number | null {
  if (raw === 0) return null;
  return checkSetting('timeout', raw, TimeoutSchema, 'Set it to a number of seconds, or to 0 for no limit.');
}
