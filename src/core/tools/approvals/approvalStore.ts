import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';
import { writeFileAtomically } from '../../common/files/atomicWrite.ts';
import { canonical } from '../../common/files/canonical.ts';
import { FileLock } from '../../common/files/fileLock.ts';
import { ensurePrivateFolder } from '../../common/files/privateFolder.ts';
import { isMissing } from '../../common/files/systemErrors.ts';
import { CodeModeError } from '../../contract/errors.ts';

/** What may be called without a question. */
export interface Approval {
  readonly tool: string;
  /** Null: all callables of the tool. */
  readonly callable: string | null;
  /** Of the definition that was approved, with the command line in it: another definition is asked for anew. */
  readonly digest: string;
}

const FileSchema = z.object({
  version: z.literal(1),
  baseFolder: z.string(),
  allowed: z.array(z.object({ tool: z.string(), callable: z.string().nullable(), digest: z.string() })),
  blocked: z.array(z.string()),
});
type Kept = z.infer<typeof FileSchema>;

/** Milliseconds after which the file is looked at again, where another window may have changed it. */
const LOOK_AGAIN_MS = 500;

/**
 * What a person has allowed and blocked for a workspace, for good. It is kept with the person and not with the workspace,
 * so that nobody who writes to the workspace allows himself something.
 */
export class ApprovalStore {
  readonly #baseFolder: string;
  readonly #folder: string;
  readonly #log: (line: string) => void;
  #kept: Kept | undefined;
  #version = '';
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** @param baseFolder - absolute path of the folder whose tools they are */
  constructor(
    baseFolder: string,
    { log, folder = defaultFolder() }: { log: (line: string) => void; folder?: string },
  ) {
    this.#baseFolder = baseFolder;
    this.#folder = folder;
    this.#log = log;
  }

  /** Whether a call needs no question. */
  async isAllowed({ tool, callable, digest }: Approval): Promise<boolean> {
    const { allowed } = await this.#read();
    return allowed.some(
      (entry) =>
        entry.tool === tool &&
        entry.digest === digest &&
        (entry.callable === null || entry.callable === callable),
    );
  }

  async isBlocked(tool: string): Promise<boolean> {
    return (await this.#read()).blocked.includes(tool);
  }

  /** Keeps an approval; a tool that was blocked is so no more. */
  async allow(approval: Approval): Promise<void> {
    await this.#change((kept) => ({
      ...kept,
      // An older definition of the tool won't come back.
      allowed: [
        ...kept.allowed.filter(
          ({ tool, callable, digest }) =>
            tool !== approval.tool || (digest === approval.digest && callable !== approval.callable),
        ),
        { ...approval },
      ],
      blocked: kept.blocked.filter((tool) => tool !== approval.tool),
    }));
  }

  /** Refuses every call of a tool from now on, whatever its definition. */
  async block(name: string): Promise<void> {
    await this.#change((kept) => ({
      ...kept,
      allowed: kept.allowed.filter(({ tool }) => tool !== name),
      blocked: [...kept.blocked.filter((tool) => tool !== name), name],
    }));
  }

  /** Forgets what was said of a tool. */
  async forget(name: string): Promise<void> {
    await this.forgetAll((tool) => tool === name);
  }

  /** Forgets what was said of all tools that are meant, by their names. */
  async forgetAll(isMeant: (tool: string) => boolean): Promise<void> {
    await this.#change((kept) => ({
      ...kept,
      allowed: kept.allowed.filter(({ tool }) => !isMeant(tool)),
      blocked: kept.blocked.filter((tool) => !isMeant(tool)),
    }));
  }

  /** @throws CodeModeError `file`: nothing is allowed where what was blocked can't be read */
  async #read(): Promise<Kept> {
    if (this.#kept && performance.now() - this.#lookedAt < LOOK_AGAIN_MS) return this.#kept;
    const file = await this.#file();
    const version = await stat(file, { bigint: true }).then(
      ({ mtimeNs, ino, size }) => `${mtimeNs} ${ino} ${size}`,
      (error: unknown) => {
        if (isMissing(error)) return '';
        throw unreadable(file, error);
      },
    );
    if (!this.#kept || version !== this.#version) {
      this.#kept = version === '' ? nothing(this.#baseFolder) : await parse(file);
      this.#version = version;
    }
    this.#lookedAt = performance.now();
    return this.#kept;
  }

  async #change(change: (kept: Kept) => Kept): Promise<void> {
    const file = await this.#file();
    await ensurePrivateFolder(this.#folder);
    await new FileLock(`${file}.lock`, { log: this.#log }).hold(async () => {
      this.#kept = undefined;
      await writeFileAtomically(file, JSON.stringify(change(await this.#read()), null, 2));
    });
    this.#kept = undefined;
  }

  async #file(): Promise<string> {
    const name = createHash('sha256')
      .update(await canonical(this.#baseFolder))
      .digest('hex')
      .slice(0, 20);
    return path.join(this.#folder, `${name}.json`);
  }
}

function nothing(baseFolder: string): Kept {
  return { version: 1, baseFolder, allowed: [], blocked: [] };
}

async function parse(file: string): Promise<Kept> {
  try {
    return FileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (isMissing(error)) return nothing('');
    throw unreadable(file, error);
  }
}

function unreadable(file: string, cause: unknown): CodeModeError {
  return new CodeModeError(
    'file',
    `What was allowed for the tools of this workspace can't be read from ${file}.`,
    {
      hint: 'Remove that file: tools are then asked for anew.',
      cause,
    },
  );
}

/** Where approvals are kept unless somebody says otherwise. */
function defaultFolder(): string {
  return path.join(envPaths('python-code-mode', { suffix: '' }).data, 'approvals');
}
