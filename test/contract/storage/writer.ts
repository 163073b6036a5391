// A process of its own that writes to a store: `node writer.js SPEC MODE ID [COUNT]`.
import { openStorage } from '../../../src/core/storage/openStorage.ts';
import { StorageSpecSchema } from '../../../src/core/storage/storageSpec.ts';

const details = { description: 'from another process', metadata: {}, dataType: 'bytes' } as const;
const SIZE = 3_000_000;

async function main([spec = '', mode = '', id = '', count = '0']: string[]): Promise<void> {
  await using storage = openStorage(StorageSpecSchema.parse(JSON.parse(spec)));
  const { artifacts } = storage;
  if (mode === 'churn') {
    // Names of its own, and one that all fight for; every third is deleted again.
    for (let turn = 0; turn < Number(count); turn += 1) {
      await artifacts.save(`own/${id}-${turn}`, Buffer.from(`${id} ${turn}`), details);
      await artifacts.save('shared', Buffer.alloc(5000, id), details);
      if (turn % 3 === 0) await artifacts.delete(`own/${id}-${turn}`);
      if (turn % 5 === 0) await artifacts.list();
    }
    return;
  }
  // Until it is killed.
  for (let turn = 0; ; turn += 1) {
    const content = Buffer.alloc(SIZE, turn % 2 === 0 ? 'a' : 'b');
    await artifacts.save('torn', content, details);
    {
      await using writer = await artifacts.create('pieces');
      for (let at = 0; at < SIZE; at += SIZE / 10) await writer.write(content.subarray(at, at + SIZE / 10));
      await writer.commit(details);
    }
    if (turn === 0) process.send?.('ready');
  }
}

void main(process.argv.slice(2)).finally(() => process.disconnect());
