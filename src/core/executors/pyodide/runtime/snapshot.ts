// Takes the start-up snapshot when the extension is built: `node dist/pyodide/snapshot.mjs`.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PyodideAPI } from 'pyodide';
import { SNAPSHOT_FILE } from './files.ts';
import { loadInterpreter } from './interpreter.ts';

const folder = path.dirname(fileURLToPath(import.meta.url));
const { pyodide } = await loadInterpreter(folder, path.join(folder, '../python'), undefined, true);
const snapshot = (pyodide as PyodideAPI & { makeMemorySnapshot(): Uint8Array }).makeMemorySnapshot();
writeFileSync(path.join(folder, SNAPSHOT_FILE), snapshot);
