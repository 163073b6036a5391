// Makes what Pyodide starts from, when the extension is built: `node dist/pyodide/snapshot.mjs MICROPIP_WHEEL`. The start-up
// snapshot, and micropip with what Python compiles of it, which takes longer than the start by itself.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PyodideAPI } from 'pyodide';
import { pyodideFiles } from './files.ts';
import { loadInterpreter } from './interpreter.ts';

const COMPILE = `
import importlib._bootstrap_external as bootstrap
import importlib.util
import zipfile

with zipfile.ZipFile("/tmp/micropip.whl") as wheel, zipfile.ZipFile("/tmp/micropip.zip", "w", zipfile.ZIP_DEFLATED) as made:
    for info in wheel.infolist():
        content = wheel.read(info)
        made.writestr(info, content, zipfile.ZIP_DEFLATED)
        if info.filename.endswith(".py"):
            code = compile(content, info.filename, "exec", dont_inherit=True)
            compiled = bootstrap._code_to_hash_pyc(code, importlib.util.source_hash(content), False)
            made.writestr(zipfile.ZipInfo(info.filename + "c", info.date_time), compiled, zipfile.ZIP_DEFLATED)
`;

const folder = path.dirname(fileURLToPath(import.meta.url));
const files = pyodideFiles(path.dirname(folder));
const { pyodide } = await loadInterpreter(folder, files.pythonFolder, undefined, true);
const snapshot = (pyodide as PyodideAPI & { makeMemorySnapshot(): Uint8Array }).makeMemorySnapshot();
writeFileSync(files.snapshotFile, snapshot);

const [, , micropipWheel] = process.argv;
if (micropipWheel === undefined) throw new Error('The wheel of micropip is missing.');
pyodide.FS.writeFile('/tmp/micropip.whl', readFileSync(micropipWheel));
pyodide.runPython(COMPILE);
writeFileSync(files.micropipFile, pyodide.FS.readFile('/tmp/micropip.zip') as Uint8Array);
