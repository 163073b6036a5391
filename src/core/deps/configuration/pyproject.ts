import { readFileSync, statSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import { z } from 'zod';
import { isMissing, reasonOf } from '../../common/files/systemErrors.ts';
import type { ConfiguredDependency } from '../../contract/dependencies.ts';
import { SettingsError } from '../../contract/errors.ts';
import { normalizeName } from '../packageSpec.ts';

const MAX_BYTES = 1_000_000;
const NAME = /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?=$|[[(;@<>=!~])/;
const Schema = z.object({
  project: z.object({ dependencies: z.array(z.string()).exactOptional() }).exactOptional(),
});

/**
 * The dependencies of the `[project]` table of a `pyproject.toml`, with their markers. None where there is no such file or
 * table, or the table leaves them to a build.
 *
 * @param file - absolute path
 * @throws SettingsError with file and line
 */
export function readPyproject(file: string): readonly ConfiguredDependency[] {
  const text = readText(file);
  if (text === undefined) return [];
  const lines = text.split(/\r?\n/);
  return dependenciesOf(file, text).map((spec) => {
    const line = lineOf(lines, spec);
    const [, name] = NAME.exec(spec) ?? [];
    if (name === undefined) {
      const at = line === null ? '' : `, line ${line}`;
      throw new SettingsError(
        `${file}${at}: ${JSON.stringify(spec)} among the dependencies is not a package.`,
        'Write it as in "pandas>=2.0".',
      );
    }
    return { name: normalizeName(name), spec: spec.trim(), source: 'pyproject.toml', file, line };
  });
}

function readText(file: string): string | undefined {
  try {
    const status = statSync(file);
    if (!status.isFile()) throw new SettingsError(`${file} is no file.`);
    if (status.size > MAX_BYTES) throw new SettingsError(`${file} is larger than ${MAX_BYTES / 1e6} MB.`);
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (error instanceof SettingsError) throw error;
    throw new SettingsError(`${file} can't be read: ${reasonOf(error)}.`);
  }
}

function dependenciesOf(file: string, text: string): readonly string[] {
  try {
    const { project } = Schema.parse(parse(text));
    return project?.dependencies ?? [];
  } catch (error) {
    if (error instanceof TomlError) {
      const [reason = ''] = error.message.split('\n');
      throw new SettingsError(`${file}, line ${error.line}: ${reason}.`, 'Correct that file.');
    }
    if (error instanceof z.ZodError) {
      const where = error.issues[0]?.path.join('.') ?? 'project';
      throw new SettingsError(
        `${file}: ${where} is not what it has to be.`,
        'Write dependencies = ["pandas>=2.0"].',
      );
    }
    throw error;
  }
}

/** The line below `[project]` that has the text as a string; null: it is written in another way. */
function lineOf(lines: readonly string[], spec: string): number | null {
  const from = lines.findIndex((line) => /^\s*\[\s*project\s*\]/.test(line));
  const written = [`"${spec}"`, `'${spec}'`, JSON.stringify(spec)];
  const index = lines.findIndex((line, at) => at >= from && written.some((each) => line.includes(each)));
  return index === -1 ? null : index + 1;
}
