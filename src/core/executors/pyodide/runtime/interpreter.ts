import * as fsModule from 'node:fs';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import type { loadPyodide as LoadPyodide, PyodideAPI, PyodideConfig } from 'pyodide';

/** Where the package lies in Pyodide's file system. */
const PACKAGE_ROOT = '/lib/code_mode_root';

/** Everything that a session needs from the first moment, so that the snapshot has it loaded. */
const WARM_UP = `
import sys
sys.path.append(${JSON.stringify(PACKAGE_ROOT)})
import code_mode, importlib, pkgutil
for module in pkgutil.iter_modules(code_mode.__path__, 'code_mode.'):
    importlib.import_module(module.name)
# What the first run of most people needs.
import asyncio, collections, csv, dataclasses, datetime, decimal, functools, itertools, json, math, os
import pathlib, random, re, statistics, string, textwrap, time, traceback, typing, uuid
# Tracebacks and syntax errors import these at the worst moment.
import _colorize, codeop, linecache, tokenize, unicodedata
# What tells of installed packages, and what micropip is made of.
import email.parser, hashlib, html.parser, importlib.metadata, platform, sysconfig, zipfile
`;

/** Options that Pyodide has for snapshots; they begin with an underscore and so are not in its types. */
interface SnapshotConfig {
  _makeSnapshot?: boolean;
  _loadSnapshot?: Uint8Array;
}

/** Loads Pyodide with the `code_mode` package: from `snapshot`, or afresh from its sources. */
export async function loadInterpreter(
  pyodideFolder: string,
  pythonFolder: string,
  snapshot: Uint8Array | undefined,
  makeSnapshot = false,
): Promise<{ pyodide: PyodideAPI; version: string }> {
  answerBinding();
  const { loadPyodide, version } = (await import('./pyodide.mjs' as string)) as {
    loadPyodide: typeof LoadPyodide;
    version: string;
  };
  const config: PyodideConfig & SnapshotConfig = {
    indexURL: `${pyodideFolder}${path.sep}`,
    ...(snapshot ? { _loadSnapshot: snapshot } : undefined),
    ...(makeSnapshot ? { _makeSnapshot: true } : undefined),
  };
  const pyodide = await loadPyodide(config);
  if (!snapshot) {
    // A snapshot keeps modules, not files: all of the package is imported before it is taken.
    installPackage(pyodide, pythonFolder);
    pyodide.runPython(WARM_UP);
  }
  return { pyodide, version };
}

function installPackage(pyodide: PyodideAPI, pythonFolder: string): void {
  const target = `${PACKAGE_ROOT}/code_mode`;
  pyodide.FS.mkdirTree(target);
  const source = path.join(pythonFolder, 'code_mode');
  for (const file of readdirSync(source)) {
    if (file.endsWith('.py'))
      pyodide.FS.writeFile(`${target}/${file}`, readFileSync(path.join(source, file)));
  }
}

/**
 * Pyodide asks Node for its constants through `process.binding`, which the permission model refuses. The
 * constants themselves are public.
 */
function answerBinding(): void {
  const answer = { fs: fsModule.constants, os: constants };
  Object.defineProperty(process, 'binding', {
    configurable: true,
    value: (name: string) => {
      if (name === 'constants') return answer;
      throw new Error(`process.binding(${JSON.stringify(name)}) is not available to Python`);
    },
  });
}
