import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FolderWatch } from '../../src/core/common/files/folderWatch.ts';
import { until } from '../support/until.ts';

describe('the watch of a folder', () => {
  let scratch: string;
  let watch: FolderWatch | undefined;
  let seen: string[];

  beforeEach(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'folder-watch-'));
    seen = [];
  });
  afterEach(async () => {
    watch?.dispose();
    await rm(scratch, { recursive: true, force: true });
  });

  function begin(folder: string): void {
    watch = new FolderWatch(folder, (name) => seen.push(name));
  }

  async function untilSeen(name: string): Promise<void> {
    await until(`"${name}" is told`, () => seen.includes(name));
    seen = [];
  }

  it('tells what happens in a folder that is there', async () => {
    begin(scratch);
    await writeFile(path.join(scratch, 'a'), '1');
    await untilSeen('a');
    await rm(path.join(scratch, 'a'));
    await untilSeen('a');
  });

  it('follows a folder that is made with those above it, goes, and comes back', async () => {
    const folder = path.join(scratch, 'base/workflows');
    begin(folder);
    for (let round = 0; round < 3; round++) {
      await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, 'first'), '1');
      await untilSeen('');
      await writeFile(path.join(folder, 'later'), '1');
      await untilSeen('later');
      await rm(path.join(scratch, 'base'), { recursive: true });
      await untilSeen('');
    }
  });

  it('tells nothing of what lies beside it, nor after its end', async () => {
    begin(path.join(scratch, 'missing'));
    await writeFile(path.join(scratch, 'other'), '1');
    await delay(50);
    watch?.dispose();
    await mkdir(path.join(scratch, 'missing'));
    await delay(50);
    assert.deepEqual(seen, []);
  });
});
