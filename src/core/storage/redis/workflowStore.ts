import { z } from 'zod';
import { CodeModeError, UsageError } from '../../contract/errors.ts';
import type { WorkflowRecord, WorkflowSource, WorkflowStore } from '../../contract/storage.ts';
import { parsePythonJson } from '../artifactEntry.ts';
import { checkWorkflowName, isWorkflowName } from '../names.ts';
import { pythonJson } from '../pythonJson.ts';
import type { RedisStoreParts } from './artifactStore.ts';
import type { RedisConnection } from './connection.ts';
import type { RedisKeys } from './keys.ts';
import { type Command, type RedisLink, textOf } from './link.ts';
import { readHash } from './reading.ts';
import type { RedisTransactions } from './transactions.ts';

const RecordSchema = z.object({ source: z.string(), description: z.string().catch('') });

/** What was read of a value, with its text. */
interface Known {
  readonly text: string;
  /** Undefined for what cannot be read. */
  readonly workflow: WorkflowSource | undefined;
}

/**
 * Workflows as the fields of a hash. The hash that versions of py-code-mode keep which say skills for them is read
 * as well, workflows going first; it is not written to.
 */
export class RedisWorkflowStore implements WorkflowStore {
  readonly #connection: RedisConnection;
  readonly #transactions: RedisTransactions;
  readonly #keys: RedisKeys;
  readonly #log: (line: string) => void;
  /** As they were at the last listing. */
  #known: ReadonlyMap<string, Known> = new Map();

  constructor({ connection, transactions, keys, log }: RedisStoreParts) {
    this.#connection = connection;
    this.#transactions = transactions;
    this.#keys = keys;
    this.#log = log;
  }

  async list(): Promise<readonly WorkflowSource[]> {
    const { workflowHash, skillHash } = this.#keys;
    const [skills, workflows] = await this.#connection.run('The workflows could not be listed', (link) =>
      Promise.all([readHash(link, skillHash), readHash(link, workflowHash)]),
    );
    const known = new Map<string, Known>();
    for (const [name, text] of [...skills, ...workflows]) {
      if (!isWorkflowName(name)) continue;
      const before = this.#known.get(name);
      known.set(name, before?.text === text ? before : { text, workflow: this.#read(name, text) });
    }
    this.#known = known;
    return [...known.values()]
      .flatMap(({ workflow }) => (workflow ? [workflow] : []))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async get(name: string): Promise<WorkflowSource | undefined> {
    if (!isWorkflowName(name)) return undefined;
    const text = await this.#connection.run(couldNot(name, 'read'), (link) => this.#text(link, name));
    if (text === null) return undefined;
    const workflow = parseRecord(name, text);
    if (workflow) return workflow;
    throw new CodeModeError('storage', `${couldNot(name, 'read')}: it is not a record of a workflow.`, {
      hint: `Save it again, or remove the field ${name} of ${this.#keys.workflowHash}.`,
    });
  }

  async save(workflow: WorkflowRecord): Promise<void> {
    checkWorkflowName(workflow.name);
    if (/\p{Surrogate}/u.test(workflow.source)) {
      throw new UsageError(`The source of the workflow "${workflow.name}" is not valid Unicode.`);
    }
    await this.#connection.run(couldNot(workflow.name, 'saved'), (link) =>
      link.send(['HSET', this.#keys.workflowHash, workflow.name, recordText(workflow)]),
    );
  }

  async rename(name: string, newName: string): Promise<void> {
    checkWorkflowName(newName);
    const { workflowHash, skillHash } = this.#keys;
    const hashes = [workflowHash, skillHash];
    let moved: string | undefined;
    await this.#transactions.run(couldNot(name, 'renamed'), hashes, async (link, repeated) => {
      const [text, taken] = await Promise.all([this.#text(link, name), this.#text(link, newName)]);
      if (repeated && text === null && taken !== null && taken === moved)
        return { commands: [], result: undefined };
      if (text === null || !isWorkflowName(name)) throw noWorkflow(name);
      if (taken !== null) {
        throw new UsageError(`There is a workflow "${newName}" already.`, 'Choose another name.');
      }
      moved = renamed(text, name, newName);
      const commands: Command[] = [['HSET', workflowHash, newName, moved]];
      for (const hash of hashes) commands.push(['HDEL', hash, name]);
      return { commands, result: undefined };
    });
  }

  async delete(name: string): Promise<boolean> {
    if (!isWorkflowName(name)) return false;
    const { workflowHash, skillHash } = this.#keys;
    return await this.#connection.run(couldNot(name, 'deleted'), async (link, repeated) => {
      // The older one first: cut off in between, the workflow is still what it was.
      const deleted = await link.inTurn([
        ['HDEL', skillHash, name],
        ['HDEL', workflowHash, name],
      ]);
      return repeated || deleted.includes(1);
    });
  }

  pathOf(): undefined {
    return undefined;
  }

  async #text(link: RedisLink, name: string): Promise<string | null> {
    const [workflow, skill] = await Promise.all([
      link.send(['HGET', this.#keys.workflowHash, name]),
      link.send(['HGET', this.#keys.skillHash, name]),
    ]);
    return textOf(workflow) ?? textOf(skill);
  }

  #read(name: string, text: string): WorkflowSource | undefined {
    const workflow = parseRecord(name, text);
    if (!workflow)
      this.#log(`storage: the workflow "${name}" was skipped: it is not a record of a workflow.`);
    return workflow;
  }
}

/** The record as py-code-mode writes it. */
export function recordText({ name, description, source, parameters }: WorkflowRecord): string {
  return pythonJson({
    name,
    description,
    source,
    parameters: parameters.map((parameter) => ({
      name: parameter.name,
      type: parameter.type,
      description: parameter.description,
      required: parameter.required,
      default: parameter.default,
    })),
  });
}

/** Undefined for what is no record. Its field is its name, whatever the record says. */
function parseRecord(name: string, text: string): WorkflowSource | undefined {
  const record = RecordSchema.safeParse(parsePythonJson(text)).data;
  return record && { name, source: record.source, description: record.description };
}

/** The record with another name, all else to the letter; what does not begin as such a record stays as it is. */
function renamed(text: string, name: string, newName: string): string {
  const head = pythonJson({ name }).slice(0, -1);
  return text.startsWith(head) ? pythonJson({ name: newName }).slice(0, -1) + text.slice(head.length) : text;
}

function couldNot(name: string, done: string): string {
  return `The workflow "${name}" could not be ${done}`;
}

function noWorkflow(name: string): CodeModeError {
  return new CodeModeError('not-found', `There is no workflow "${name}".`);
}
