import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import type { ToolCallableInfo } from '../../src/core/contract/tools.ts';
import { CliTool } from '../../src/core/tools/adapters/cli/cliTool.ts';
import { type CliConfig, CliConfigSchema } from '../../src/core/tools/adapters/cli/config.ts';
import type { ToolArgument, ToolOutcome, ToolPart, ToolServices } from '../../src/core/tools/tool.ts';

/** The configuration that a file's text says. */
export function cliConfig(yaml: string): CliConfig {
  return CliConfigSchema.parse(parse(yaml));
}

/** What a call may have beside its arguments. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** A folder of its own for each test, where tools run that are ended after it. */
export class CliTools {
  /** Absolute path, without links in it. */
  folder = '';
  /** What `${NAME}` is filled with. */
  secrets: Record<string, string> = {};
  maxResultBytes = 300e6;
  readonly #tools: CliTool[] = [];

  /** To be called within a `describe`. */
  install(): this {
    beforeEach(() => {
      this.folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'code-mode-cli-')));
      this.secrets = {};
      this.maxResultBytes = 300e6;
    });
    afterEach(async () => {
      for (const tool of this.#tools.splice(0)) await tool[Symbol.asyncDispose]();
      rmSync(this.folder, { recursive: true, force: true });
    });
    return this;
  }

  make(yaml: string): CliTool {
    const config = cliConfig(yaml);
    const tool = new CliTool({ name: config.name, type: 'cli', config, digest: '' }, this.#services());
    this.#tools.push(tool);
    return tool;
  }

  #services(): ToolServices {
    return {
      workingFolder: this.folder,
      log: () => undefined,
      fill: async (text) => text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => this.secrets[name] ?? ''),
      mask: (text) =>
        Object.values(this.secrets).reduce((masked, secret) => masked.replaceAll(secret, '***'), text),
      maxResultBytes: this.maxResultBytes,
      descriptions: { get: () => undefined, set: () => undefined },
      proxy: undefined,
      version: '0.0.0',
    };
  }
}

/** One of the callables of a tool, `null` for `tools.NAME(...)` itself. */
export function callableOf(tool: CliTool, name: string | null): ToolCallableInfo {
  const { callables, direct } = tool.known;
  const found = name === null ? direct : callables.find((callable) => callable.name === name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found;
}

/** Calls a tool as a session does. */
export function callTool(
  tool: CliTool,
  name: string | null,
  given: Readonly<Record<string, ToolArgument>> = {},
  { signal = new AbortController().signal }: CallOptions = {},
): Promise<ToolOutcome> {
  const callable = callableOf(tool, name);
  return tool.call({ callable, arguments: given, signal, onProgress: () => undefined });
}

/** What is text, decoded. */
export function textOf(outcome: ToolOutcome): string {
  const part = onePart(outcome);
  if (part.type !== 'utf8') throw new Error(`It is ${part.type}, not text.`);
  return Buffer.from(part.bytes).toString();
}

/** The value of what is JSON. */
export function jsonOf(outcome: ToolOutcome): unknown {
  const part = onePart(outcome);
  if (part.type !== 'jsonUtf8') throw new Error(`It is ${part.type}, not JSON.`);
  return JSON.parse(Buffer.from(part.bytes).toString());
}

export function onePart(outcome: ToolOutcome): ToolPart {
  if (!('type' in outcome)) throw new Error('There are several parts.');
  return outcome;
}
