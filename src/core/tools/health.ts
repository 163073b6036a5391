import type { ToolHealth } from '../contract/tools.ts';

/** The health of a tool that has nothing to start, or whose server has not been needed yet. */
export const READY: ToolHealth = { state: 'ready', detail: '' };
