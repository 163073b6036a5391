// A process of its own that configures packages until it is killed: `node requirementsWriter.js FILE NAME`.
import { FileDependencyStore } from '../../src/core/deps/configuration/fileDependencyStore.ts';

async function main([file = '', name = '']: string[]): Promise<void> {
  const store = new FileDependencyStore({ file, log: () => undefined });
  for (let turn = 0; ; turn += 1) {
    await store.save(`${name}==${turn}`);
    if (turn === 0) process.send?.('ready');
    if (turn % 5 === 4) await store.delete(name);
  }
}

void main(process.argv.slice(2));
