import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Executor } from '../../contract/executor.ts';
import { lastingSecretPlaces } from '../confinement/secretPlaces.ts';
import { defaultCacheFolder } from '../subprocess/environment/cacheFolder.ts';
import { failed, HANG_S, oneLine, type ProbeResult, passed } from './outcome.ts';

/** Characters of a file by which it is known. */
const GLIMPSE = 100;

const SeenSchema = z.object({
  attempts: z.record(z.string(), z.unknown()),
  glimpses: z.record(z.string(), z.array(z.string())),
});

/** What there is to see of a folder or file: some names, or how it begins. */
interface Place {
  readonly path: string;
  readonly contents: readonly string[];
}

/**
 * Files that are not Python's own cannot be written, among the temporary ones and in the home folder; the temporary
 * ones and the usual places of secrets cannot be read.
 */
export async function probeFilesystemIsolation(executor: Executor): Promise<ProbeResult> {
  const inHome = path.dirname(defaultCacheFolder());
  await mkdir(inHome, { recursive: true });
  const secret = `secret-${process.hrtime.bigint()}`;
  const folders: string[] = [];
  try {
    for (const parent of [tmpdir(), inHome]) {
      const folder = await mkdtemp(path.join(parent, 'code-mode-probe-'));
      folders.push(folder);
      await writeFile(path.join(folder, 'secret.txt'), secret);
    }
    const places = (await Promise.all(lastingSecretPlaces().map(glimpse))).filter(
      (place) => place !== undefined,
    );
    const [hidden = '', ...others] = folders;
    const names = places.map((place) => place.path);
    const result = await executor.run(fileAttempts(hidden, others, names), { timeoutS: HANG_S / 2 });
    const said = JSON.stringify([result.value, result.stdout, result.stderr, result.error]);
    if (said.includes(secret)) return failed(`a file in ${hidden} was read`);
    for (const folder of folders) {
      const written = (await readdir(folder)).filter((name) => name !== 'secret.txt');
      if (written.length > 0) return failed(`a file in ${folder} was written`);
    }
    const seen = SeenSchema.safeParse(result.value);
    if (!seen.success) return failed(`the attempts on files ended as "${result.status}"`);
    const { attempts, glimpses } = seen.data;
    const open = places.find(({ path: place, contents }) =>
      contents.some((content) => glimpses[place]?.includes(content)),
    );
    if (open) return failed(`${open.path} was read, a place of secrets`);
    return passed(
      `no file outside was written; neither was a temporary one read, nor any of ${places.length} places of secrets; Python saw ${oneLine(attempts)}`,
    );
  } finally {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  }
}

/** @returns undefined where there is nothing to see for this process either */
async function glimpse(place: string): Promise<Place | undefined> {
  const contents = await readdir(place).catch(() =>
    readFile(place, 'utf8').then(
      (text) => [text.slice(0, GLIMPSE)],
      () => [],
    ),
  );
  const telling = contents.filter((content) => content !== '');
  return telling.length > 0 ? { path: place, contents: telling } : undefined;
}

/** Every way to files of the host that Python has here, and what it sees of `places`. */
function fileAttempts(hidden: string, others: readonly string[], places: readonly string[]): string {
  return `
def _probe():
    import os
    folder = ${JSON.stringify(hidden)}
    seen = {}
    def attempt(name, action):
        try:
            seen[name] = action()
        except BaseException as error:
            seen[name] = type(error).__name__
    attempt("read", lambda: open(os.path.join(folder, "secret.txt")).read())
    attempt("list", lambda: os.listdir(folder))
    attempt("write", lambda: open(os.path.join(folder, "written.txt"), "w").write("x"))
    for other in ${JSON.stringify(others)}:
        attempt("write at home", lambda: open(os.path.join(other, "written.txt"), "w").write("x"))
    def mounted():
        import pyodide_js
        os.makedirs("/probe-mount", exist_ok=True)
        pyodide_js.mountNodeFS("/probe-mount", folder)
        open("/probe-mount/written-by-mount.txt", "w").write("x")
        return open("/probe-mount/secret.txt").read()
    attempt("mount", mounted)
    def shell():
        import subprocess
        return subprocess.run(["cat", os.path.join(folder, "secret.txt")], capture_output=True, text=True).stdout
    attempt("subprocess", shell)
    def glimpse(place):
        try:
            return os.listdir(place)
        except OSError:
            try:
                return [open(place, errors="replace").read(${GLIMPSE})]
            except OSError:
                return []
    return {"attempts": seen, "glimpses": {place: glimpse(place) for place in ${JSON.stringify(places)}}}
_probe()`;
}
