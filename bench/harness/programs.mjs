// What is started to measure something: the built extension, and the measuring programs in TypeScript as bundles.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../../scripts/lib/problem.mjs';
import { run } from '../../scripts/lib/processes.mjs';

/**
 * @typedef {object} Programs
 * @property {string} root The project's root folder.
 * @property {string} dist The folder of the built extension.
 * @property {string} bundles The folder of the bundles, `NAME.mjs`.
 */

const SOURCES = [
  'session',
  'host',
  'bytes',
  'store',
  'tools',
  'deps',
  'container',
  'pythons',
  'peer/pyodide',
];

/**
 * Builds the extension unless it is there, and the measuring programs in any case.
 * @param {string} root The project's root folder.
 * @returns {Promise<Programs>}
 */
export async function buildPrograms(root) {
  const dist = path.join(root, 'dist');
  const bundles = path.join(root, 'out/bench');
  if (!existsSync(path.join(dist, 'pyodide/snapshot.bin'))) {
    const { code } = await run(process.execPath, [path.join(root, 'esbuild.mjs')], { cwd: root });
    if (code !== 0) throw new Problem('The build failed.', 'The output above says why.');
  }
  const esbuild = await import('esbuild');
  await rm(bundles, { recursive: true, force: true });
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: SOURCES.map((name) => ({ in: `bench/${name}.ts`, out: path.basename(name) })),
    outdir: bundles,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // What the libraries inside still ask for in the CommonJS way.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return { root, dist, bundles };
}

/**
 * The interpreter to measure where none is named: the newest CPython of this machine.
 * @param {Programs} programs
 */
export async function newestPython({ bundles }) {
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(bundles, 'pythons.mjs')]);
  if (stdout.trim()) return stdout.trim();
  throw new Problem(
    'There is no CPython to measure.',
    'Name one with --python PATH, or measure --only pyodide.',
  );
}
