import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Writes an executable script for `/bin/sh`. @returns its path */
export function writeScript(file: string, lines: readonly string[]): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
  return file;
}

/**
 * Writes a script that answers as an interpreter does when it is asked what it is.
 * @param facts what it says beside the ordinary
 * @param lines run first, with what it was started with
 */
export function writeFakePython(file: string, facts: object, lines: readonly string[] = []): string {
  const answer = {
    implementation: 'cpython',
    version: [3, 12, 1],
    final: true,
    freeThreaded: false,
    executable: file,
    prefix: path.dirname(path.dirname(file)),
    basePrefix: path.dirname(path.dirname(file)),
    packages: { purelib: '/p', platlib: '/p', scripts: '/s', stdlib: '/l', folders: ['/p'] },
    ...facts,
  };
  // The mark comes last.
  const print = `printf '%s%s%s' "$mark" '${JSON.stringify(answer)}' "$mark"`;
  return writeScript(file, [...lines, 'for mark; do :; done', print]);
}
