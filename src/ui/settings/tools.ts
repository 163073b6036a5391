import { z } from 'zod';
import type { ToolsSpec } from '../../core/tools/toolsSpec.ts';
import { checkSetting } from './checkSetting.ts';

/** The settings of tools, as the editor gives them. */
export interface RawToolsSettings {
  readonly 'tools.approval': unknown;
  readonly 'tools.maxParallelCalls': unknown;
  readonly 'tools.outputLimit': unknown;
}

/** The names of {@link RawToolsSettings}. */
export const TOOLS_SETTINGS = ['tools.approval', 'tools.maxParallelCalls', 'tools.outputLimit'] as const;

const MEBIBYTE = 1024 * 1024;

const ApprovalSchema = z.enum(['always', 'agent', 'never'], { error: 'there is no such policy' });
const ParallelSchema = z
  .int({ error: 'this is no whole number' })
  .min(1, 'at least one call runs')
  .max(1000, 'at most 1,000 calls run at the same time');
const LimitSchema = z
  .number({ error: 'a limit is a number of mebibytes' })
  .min(1, 'a limit is at least 1 MiB')
  .max(1400, 'a limit is at most 1,400 MiB');

/**
 * How code calls tools, as the settings say.
 *
 * @param proxy - what the editor's own setting `http.proxy` says
 * @throws SettingsError
 */
export function parseToolsSettings(raw: RawToolsSettings, proxy: unknown): ToolsSpec {
  const limit = checkSetting(
    'tools.outputLimit',
    raw['tools.outputLimit'],
    LimitSchema,
    'Set it to a number of mebibytes, such as 256.',
  );
  return {
    approval: checkSetting(
      'tools.approval',
      raw['tools.approval'],
      ApprovalSchema,
      'Set it to "always", "agent" or "never".',
    ),
    maxParallelCalls: checkSetting(
      'tools.maxParallelCalls',
      raw['tools.maxParallelCalls'],
      ParallelSchema,
      'Set it to a whole number, such as 16.',
    ),
    maxResultBytes: Math.round(limit * MEBIBYTE),
    ...(typeof proxy === 'string' && proxy !== '' ? { proxy } : {}),
  };
}
