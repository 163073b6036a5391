// A process of its own that writes to a store: `node storageWriter.js FOLDER MODE ID [COUNT]`.
import { FileStorage } from '../../src/core/storage/file/fileStorage.ts';

const options = { description: 'from another process', metadata: {}, dataType: 'bytes' } as const;

async function main([folder = '', mode = '', id = '', count = '0']: string[]): Promise<void> {
  const { artifacts } = new FileStorage({ baseFolder: folder });
  if (mode === 'churn') {
    // Names of its own, and one that all fight for; every third is deleted again.
    for (let turn = 0; turn < Number(count); turn += 1) {
      await artifacts.save(`own/${id}-${turn}`, Buffer.from(`${id} ${turn}`), options);
      await artifacts.save('shared', Buffer.alloc(5000, id), options);
      if (turn % 3 === 0) await artifacts.delete(`own/${id}-${turn}`);
      if (turn % 5 === 0) await artifacts.list();
    }
    return;
  }
  process.send?.('ready');
  // Until it is killed.
  for (let turn = 0; ; turn += 1) {
    await artifacts.save('torn', Buffer.alloc(3_000_000, turn % 2 === 0 ? 'a' : 'b'), options);
    await artifacts.save(`extra-${id}-${turn % 3}`, Buffer.from(id), options);
    await artifacts.delete(`extra-${id}-${(turn + 1) % 3}`);
  }
}

void main(process.argv.slice(2));
