import { createHash } from 'node:crypto';
import path from 'node:path';
import { adapterOf, adapterTypes } from '../adapters/index.ts';
import type { ToolAdapter, ToolDefinition, ToolProblem } from '../tool.ts';
import { MAX_DEFINITION_BYTES, nameOfEntry, TOO_LARGE } from './entries.ts';
import {
  childSchemas,
  type JsonSchema,
  jsonSchemaOf,
  propertiesOf,
  rootSchemas,
  takesOtherKeys,
} from './jsonSchema.ts';
import { isMapping } from './mapping.ts';
import { nearestWord } from './suggestion.ts';
import { issueSentence, notOneOf, sentence, subjectOf } from './wording.ts';
import { type TextRange, YamlText } from './yaml.ts';

/** Problems of one kind that are told: one mistake can lead to many. */
const MAX_PROBLEMS = 50;
/** What a file is that does not say it. */
export const DEFAULT_TYPE = 'cli';

/** What a definition has wrong, and where in its text: UTF-16 offsets, `end` is not part of it. */
export type LocatedProblem = ToolProblem & TextRange;

/** A tool as its text defines it, whether that can be used or not. Plain data. */
export interface DefinedTool {
  /** Name of its file, or its field in Redis. */
  readonly entry: string;
  /** What it says; where it says none, the entry without its suffix. */
  readonly name: string;
  /** Absolute path of its file; undefined: it is kept elsewhere. */
  readonly file?: string;
  /** Missing where there is an error. */
  readonly definition?: ToolDefinition;
  /** Errors first, by where they are. */
  readonly problems: readonly LocatedProblem[];
}

/**
 * The tool that a YAML text defines. Never throws: what is wrong is one of its problems.
 *
 * @param file - absolute path
 * @param entry - by default the name of the file
 */
export function parseToolDefinition(
  text: string,
  file?: string,
  entry = file === undefined ? '' : path.basename(file),
): DefinedTool {
  const reader = new DefinitionReader(text, file);
  const definition = reader.read();
  const { problems } = reader;
  const isBroken = problems.some(({ severity }) => severity === 'error');
  return {
    entry,
    name: reader.name ?? nameOfEntry(entry),
    ...(file === undefined ? {} : { file }),
    ...(isBroken || definition === undefined ? {} : { definition }),
    problems: inOrder(problems),
  };
}

/** One whose text can't be had. */
export function unreadableTool(entry: string, message: string, file?: string): DefinedTool {
  return {
    entry,
    name: nameOfEntry(entry),
    ...(file === undefined ? {} : { file }),
    problems: [{ severity: 'error', message, path: [], start: 0, end: 0 }],
  };
}

/** `tool` with another error, said of its name. @param text - what it was parsed from */
export function withNameProblem(tool: DefinedTool, text: string, message: string): DefinedTool {
  const { definition: _, ...rest } = tool;
  const where = new YamlText(text).rangeOf(['name']);
  const problem: LocatedProblem = { severity: 'error', message, path: ['name'], ...where };
  return { ...rest, problems: inOrder([...tool.problems, problem]) };
}

function inOrder(problems: readonly LocatedProblem[]): LocatedProblem[] {
  const rank = ({ severity }: LocatedProblem) => (severity === 'error' ? 0 : 1);
  return problems.toSorted((a, b) => rank(a) - rank(b) || a.start - b.start);
}

class DefinitionReader {
  name: string | undefined;
  readonly problems: LocatedProblem[] = [];
  readonly #text: string;
  readonly #file: string | undefined;
  #yaml: YamlText | undefined;

  constructor(text: string, file: string | undefined) {
    this.#text = text;
    this.#file = file;
  }

  read(): ToolDefinition | undefined {
    if (Buffer.byteLength(this.#text) > MAX_DEFINITION_BYTES) {
      this.#report({ severity: 'error', message: TOO_LARGE, path: [] });
      return undefined;
    }
    const yaml = new YamlText(this.#text);
    this.#yaml = yaml;
    this.problems.push(...yaml.problems.map((problem) => ({ ...problem, path: [] })));
    if (yaml.value === undefined) return undefined;
    const config = yaml.value ?? {};
    if (!isMapping(config)) {
      this.#report({ severity: 'error', message: 'A tool is a mapping, such as `name: jq`.', path: [] });
      return undefined;
    }
    if (typeof config.name === 'string' && config.name !== '') this.name = config.name;
    return this.#define(config);
  }

  #define(raw: Readonly<Record<string, unknown>>): ToolDefinition | undefined {
    // A key with nothing behind it was not filled in yet.
    const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== null));
    const { type = DEFAULT_TYPE } = given;
    const adapter = typeof type === 'string' ? adapterOf(type) : undefined;
    if (adapter === undefined) {
      this.#report({ severity: 'error', message: notOneOf('`type`', type, adapterTypes), path: ['type'] });
      return undefined;
    }
    for (const problem of unknownKeys(schemaOfAdapter(adapter), given)) this.#report(problem, 'key');
    const parsed = adapter.schema.safeParse(given, { error: issueSentence });
    if (!parsed.success) {
      for (const { message, path } of parsed.error.issues.slice(0, MAX_PROBLEMS)) {
        this.#report({ severity: 'error', message: sentence(message), path: path.map(stepOf) });
      }
      return undefined;
    }
    for (const problem of adapter.check(parsed.data)) this.#report(problem);
    return {
      name: parsed.data.name,
      type: adapter.type,
      config: parsed.data,
      digest: createHash('sha256').update(JSON.stringify(raw)).digest('hex'),
      ...(this.#file === undefined ? {} : { file: this.#file }),
    };
  }

  #report(problem: ToolProblem, part?: 'key'): void {
    const where = this.#yaml?.rangeOf(problem.path, part) ?? { start: 0, end: 0 };
    this.problems.push({ ...problem, ...where });
  }
}

const schemas = new Map<string, JsonSchema>();

/** What the files of a kind of tools take. */
export function schemaOfAdapter(adapter: ToolAdapter): JsonSchema {
  let schema = schemas.get(adapter.type);
  if (schema === undefined) {
    schema = jsonSchemaOf(adapter.schema);
    schemas.set(adapter.type, schema);
  }
  return schema;
}

/** Keys that nothing reads. */
function unknownKeys(root: JsonSchema, config: object): ToolProblem[] {
  const found: ToolProblem[] = [];
  const visit = (value: object, schemas: readonly JsonSchema[], path: ToolProblem['path']): void => {
    if (schemas.length === 0) return;
    const known = propertiesOf(schemas);
    const isOpen = Array.isArray(value) || takesOtherKeys(schemas);
    for (const [key, content] of Object.entries(value) as [string, unknown][]) {
      if (found.length === MAX_PROBLEMS) return;
      const step = Array.isArray(value) ? Number(key) : key;
      if (!isOpen && !known.has(key)) found.push(unknownKey([...path, key], known.keys()));
      else if (typeof content === 'object' && content !== null) {
        visit(content, childSchemas(root, schemas, step, content), [...path, step]);
      }
    }
  };
  visit(config, rootSchemas(root, config), []);
  return found;
}

function unknownKey(path: readonly (string | number)[], known: Iterable<string>): ToolProblem {
  const key = String(path.at(-1));
  const nearest = nearestWord(key, known);
  const hint = nearest === undefined ? 'It is not used.' : `Did you mean \`${nearest}\`?`;
  return { severity: 'warning', message: `${subjectOf(path)} is no key that is known here. ${hint}`, path };
}

function stepOf(key: PropertyKey): string | number {
  return typeof key === 'symbol' ? String(key) : key;
}
