import assert from 'node:assert/strict';
import { until } from '../../support/until.ts';
import { openFileCount, residentBytes } from '../support/processes.ts';
import type { HostBench } from './bench.ts';

const ROUNDS = 200;

/** Clients that come and go. */
export function describeRounds(bench: HostBench): void {
  it(`keeps nothing of ${ROUNDS} clients that came and went`, async function () {
    if (process.platform !== 'linux') this.skip();
    const stays = await bench.attach();
    const session = await bench.open(stays);
    const host = await bench.hostPid();
    const round = async (n: number) => {
      const manager = await bench.attach({ onInput: async () => '' });
      if (n % 10 === 0) assert.equal((await (await bench.open(manager)).run('1+1')).value, 2);
      await manager[Symbol.asyncDispose]();
    };
    for (let n = 0; n < 20; n += 1) await round(n);
    await until('the clients are gone', () => session.info.clients.length === 1);
    const files = openFileCount(host);
    const memory = residentBytes(host);
    for (let n = 0; n < ROUNDS; n += 1) await round(n);
    // A socket of before may have closed since, or a spare interpreter have started: a leak is one a round.
    await until('their sockets are closed', () => openFileCount(host) < files + ROUNDS / 10);
    assert.deepEqual(bench.hosts(), [host]);
    assert.deepEqual(session.info.clients, ['the test']);
    const grown = residentBytes(host) - memory;
    assert.ok(grown < 40_000_000, `the host has grown by ${grown} bytes`);
  });
}
