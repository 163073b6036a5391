// Measures the peer: Pyodide itself in a plain Node process, without a snapshot:
// `node pyodide.mjs DIST first|round-trip|lines`.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { loadPyodide as LoadPyodide } from 'pyodide';
import { EXPRESSION, FLOODS, LINES, LINES_CODE, ROUND_TRIPS, report, WARM_UPS } from '../protocol.ts';

async function measure(distFolder: string, measurement: string): Promise<void> {
  const started = performance.now();
  const module = pathToFileURL(path.join(distFolder, 'pyodide/pyodide.mjs')).href;
  const { loadPyodide } = (await import(module)) as { loadPyodide: typeof LoadPyodide };
  const pyodide = await loadPyodide();
  if (pyodide.runPython(EXPRESSION) !== 2) throw new Error('The first run gave no result.');
  const samples: number[] = [];
  if (measurement === 'first') samples.push(performance.now() - started);
  if (measurement === 'round-trip') {
    for (let n = 0; n < WARM_UPS + ROUND_TRIPS; n++) {
      const before = performance.now();
      pyodide.runPython(EXPRESSION);
      if (n >= WARM_UPS) samples.push(performance.now() - before);
    }
  }
  if (measurement === 'lines') {
    // The way that Pyodide's documentation shows: a handler for each line.
    let newlines = 0;
    pyodide.setStdout({ batched: () => newlines++ });
    for (let n = 0; n <= FLOODS; n++) {
      newlines = 0;
      const before = performance.now();
      pyodide.runPython(LINES_CODE);
      if (n > 0) samples.push(performance.now() - before);
      if (newlines !== LINES) throw new Error(`${newlines} lines of ${LINES} arrived.`);
    }
  }
  report({ milliseconds: samples });
}

const [distFolder = '', measurement = 'first'] = process.argv.slice(2);
await measure(distFolder, measurement);
