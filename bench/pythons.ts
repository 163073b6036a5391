// Prints the interpreter of the newest CPython of this machine, as the extension finds it: `node pythons.mjs`.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { findInterpreters } from '../src/core/executors/subprocess/environment/index.ts';

const cacheFolder = await mkdtemp(path.join(os.tmpdir(), 'code-mode-bench-'));
const found = await findInterpreters({ cacheFolder, log: () => undefined });
await rm(cacheFolder, { recursive: true, force: true });
// Not those without the global lock, for which the peer's packages have no builds.
const usual = found.filter(
  ({ kind, executable }) => kind === 'installation' && !/t(\.exe)?$/.test(executable),
);
console.log(usual[0]?.executable ?? '');
