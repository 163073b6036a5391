// Builds dist/ (what ships) and, with --tests, out/ (the test bundles).
import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import esbuild from 'esbuild';

const root = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(root, 'dist');
const flags = new Set(process.argv.slice(2));
const watch = flags.has('--watch');

/** Options that every bundle shares. */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  sourcesContent: false,
  // Not the identifiers: stack traces that users send keep their function and class names. `keepNames` would keep them as
  // well, at the price of time and memory wherever a function is made.
  minifyWhitespace: !watch,
  minifySyntax: !watch,
  logLevel: 'warning',
  // The stubs of the core are built in.
  loader: { '.pyi': 'text' },
  // The sandbox library asks for its own place in functions that are not used.
  logOverride: { 'empty-import-meta': 'silent' },
};

/** A module that stays a file of its own, loaded on first use: what is not loaded costs no time. */
const apart = (name) => ({
  name: `${name}-apart`,
  setup(build) {
    build.onResolve({ filter: new RegExp(`/${name}\\.ts$`) }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: `./${name}.js`, external: true } : undefined,
    );
  },
});

/** The MCP client's own validation of results, a third of its size, is not asked for: results are handed on as they are. */
const withoutValidation = {
  name: 'without-validation',
  setup(build) {
    build.onLoad(
      { filter: /@modelcontextprotocol[\\/]sdk[\\/].*[\\/]validation[\\/]ajv-provider\.js$/ },
      () => ({
        contents: 'export class AjvJsonSchemaValidator {}',
        loader: 'js',
      }),
    );
  },
};

/** zod's messages in English alone: those in some fifty other languages would be a third of each bundle. */
const englishOnly = {
  name: 'english-only',
  setup(build) {
    build.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
    }));
  },
};

const bundles = [
  {
    ...common,
    entryPoints: { extension: 'src/extension.ts' },
    outdir: dist,
    format: 'cjs',
    external: ['vscode'],
    plugins: [apart('core'), apart('tables'), englishOnly],
    // A `require` of the file beside it: the extension host loads extensions as CommonJS.
    supported: { 'dynamic-import': false },
  },
  {
    ...common,
    entryPoints: { core: 'src/ui/sessions/core.ts' },
    outdir: dist,
    format: 'cjs',
    plugins: [
      apart('sandboxRuntime'),
      apart('redisClient'),
      apart('mcpClient'),
      apart('httpClient'),
      englishOnly,
    ],
  },
  {
    ...common,
    entryPoints: { host: 'src/host.ts' },
    outdir: dist,
    format: 'cjs',
    plugins: [
      apart('sandboxRuntime'),
      apart('redisClient'),
      apart('mcpClient'),
      apart('httpClient'),
      englishOnly,
    ],
  },
  {
    ...common,
    entryPoints: { cli: 'src/cli.ts' },
    outdir: dist,
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
    plugins: [
      apart('sandboxRuntime'),
      apart('redisClient'),
      apart('mcpClient'),
      apart('httpClient'),
      englishOnly,
    ],
  },
  {
    ...common,
    entryPoints: {
      sandboxRuntime: 'src/core/executors/confinement/sandboxRuntime.ts',
      redisClient: 'src/core/storage/redis/redisClient.ts',
      httpClient: 'src/core/http/httpClient.ts',
    },
    outdir: dist,
    format: 'cjs',
  },
  {
    ...common,
    entryPoints: { mcpClient: 'src/core/tools/adapters/mcp/mcpClient.ts' },
    outdir: dist,
    format: 'cjs',
    plugins: [withoutValidation, englishOnly],
  },
  {
    ...common,
    entryPoints: { tables: 'src/ui/tablePreview/tables.ts' },
    outdir: dist,
    format: 'cjs',
    plugins: [englishOnly],
  },
  {
    // Runs in the web view of a table.
    ...common,
    entryPoints: [
      { in: 'src/ui/tablePreview/page/main.ts', out: 'tablePage' },
      { in: 'src/ui/tablePreview/page/page.css', out: 'tablePage' },
    ],
    outdir: dist,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
  },
  {
    // Runs in a notebook's web view.
    ...common,
    entryPoints: { outputRenderer: 'src/ui/outputs/cutRenderer.ts' },
    outdir: dist,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
  },
  {
    // Runs in the page of a form.
    ...common,
    entryPoints: { parameterForm: 'src/ui/forms/formScript.ts' },
    outdir: dist,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
  },
  {
    // What runs beside the core: Pyodide's worker thread and the child process that hosts it.
    ...common,
    entryPoints: {
      worker: 'src/core/executors/pyodide/runtime/worker.ts',
      child: 'src/core/executors/pyodide/runtime/child.ts',
      snapshot: 'src/core/executors/pyodide/runtime/snapshot.ts',
    },
    outdir: path.join(dist, 'pyodide'),
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    external: ['./pyodide.mjs'],
  },
];

async function copyAssets() {
  const require = createRequire(import.meta.url);
  const pyodide = path.dirname(require.resolve('pyodide/package.json'));
  const target = path.join(dist, 'pyodide');
  await mkdir(target, { recursive: true });
  for (const file of [
    'pyodide.mjs',
    'pyodide.asm.mjs',
    'pyodide.asm.wasm',
    'python_stdlib.zip',
    'pyodide-lock.json',
  ]) {
    await cp(path.join(pyodide, file), path.join(target, file));
  }
  await cp(
    path.join(root, 'src/core/executors/pyodide/packages/resolve.py'),
    path.join(target, 'resolve.py'),
  );
  // Its licence asks for a copy of it beside what is made of it.
  const sandboxLibrary = path.dirname(require.resolve('@anthropic-ai/sandbox-runtime/package.json'));
  await cp(path.join(sandboxLibrary, 'LICENSE'), path.join(dist, 'sandboxRuntime.LICENSE.txt'));
  await cp(path.join(root, 'src/bin'), path.join(dist, 'bin'), { recursive: true });
  await cp(path.join(root, 'src/python'), path.join(dist, 'python'), {
    recursive: true,
    filter: (source) => !source.includes('__pycache__'),
  });
}

/**
 * Makes what Pyodide starts from, in a Node process of its own, from what was just built. micropip comes from the package
 * index, once: builds after it need no network.
 */
async function prepareStart() {
  const { fetchMicropip } = await loadSource('scripts/lib/micropip.ts');
  const micropip = await fetchMicropip(path.join(root, 'node_modules/.cache/python-code-mode'));
  const script = path.join(dist, 'pyodide/snapshot.mjs');
  const made = spawnSync(process.execPath, [script, micropip], { stdio: 'inherit' });
  if (made.status !== 0) throw new Error('What Pyodide starts from could not be made.');
}

/** Loads a module of the sources, for what the build itself needs of it. */
async function loadSource(file) {
  const made = path.join(dist, `${path.basename(file, '.ts')}.mjs`);
  await esbuild.build({
    ...common,
    entryPoints: [file],
    outfile: made,
    sourcemap: false,
    format: 'esm',
    packages: 'external',
  });
  try {
    return await import(pathToFileURL(made).href);
  } finally {
    await rm(made, { force: true });
  }
}

/** The JSON schema of tool files, from the schemas that they are read by. */
async function writeToolSchema() {
  const { toolSchema } = await loadSource('src/core/tools/definition/toolSchema.ts');
  await writeFile(path.join(dist, 'tool.schema.json'), JSON.stringify(toolSchema()));
}

async function testFiles(folder) {
  const entries = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

async function buildTests() {
  await rm(path.join(root, 'out'), { recursive: true, force: true });
  await esbuild.build({
    ...common,
    minifyWhitespace: false,
    minifySyntax: false,
    sourcesContent: true,
    entryPoints: await testFiles('test'),
    outbase: root,
    outdir: path.join(root, 'out'),
    format: 'cjs',
    external: ['vscode', 'mocha', 'playwright-core', 'esbuild', '@vscode/test-electron'],
  });
}

if (watch) {
  await copyAssets();
  await writeToolSchema();
  const contexts = await Promise.all(bundles.map((options) => esbuild.context(options)));
  await Promise.all(contexts.map((context) => context.watch()));
} else {
  await rm(dist, { recursive: true, force: true });
  await copyAssets();
  await writeToolSchema();
  await Promise.all(bundles.map((options) => esbuild.build(options)));
  await chmod(path.join(dist, 'cli.js'), 0o755);
  await prepareStart();
  if (flags.has('--tests')) await buildTests();
}
