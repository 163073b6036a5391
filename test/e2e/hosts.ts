import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Workbench } from './workbench.ts';

/** The process of the session host that a workbench is attached to. */
export async function hostProcess({ dataHome }: Workbench): Promise<number> {
  const folder = path.join(dataHome, 'python-code-mode/live-sessions');
  const name = (await readdir(folder)).find((found) => found.endsWith('.json'));
  assert.ok(name, 'no session host is announced');
  return JSON.parse(await readFile(path.join(folder, name), 'utf8')).pid;
}
