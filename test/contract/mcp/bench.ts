import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { CodeModeError } from '../../../src/core/contract/errors.ts';
import type { ToolCallableInfo, ToolState } from '../../../src/core/contract/tools.ts';
import type { McpConfig } from '../../../src/core/tools/adapters/mcp/config.ts';
import { McpTool } from '../../../src/core/tools/adapters/mcp/mcpTool.ts';
import { parseToolDefinition } from '../../../src/core/tools/definition/index.ts';
import type {
  Tool,
  ToolArgument,
  ToolDefinition,
  ToolDescription,
  ToolOutcome,
  ToolServices,
} from '../../../src/core/tools/tool.ts';
import { Variables } from '../../../src/core/tools/variables.ts';
import { until } from '../../support/until.ts';
import { descendants, untilGone } from '../support/processes.ts';
import { PROJECT_FOLDER } from '../support/subject.ts';

const MODULES = path.join(PROJECT_FOLDER, 'node_modules/@modelcontextprotocol');
/** The public reference servers. */
export const EVERYTHING = path.join(MODULES, 'server-everything/dist/index.js');
export const FILESYSTEM = path.join(MODULES, 'server-filesystem/dist/index.js');
export const MEMORY = path.join(MODULES, 'server-memory/dist/index.js');
/** Our own. */
export const LAB = path.join(PROJECT_FOLDER, 'test/fixtures/mcp/server.mjs');
export const SILENT = path.join(PROJECT_FOLDER, 'test/fixtures/mcp/silent.mjs');

/** Processes of the tests themselves, which no tool has to end. */
export const ownServers = new Set<number>();

/** What a call is made with beside its arguments. */
export interface CallWith {
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

/** Tools with real MCP servers, and what became of them. */
export class McpBench {
  /** The working folder. */
  folder = '';
  lines: string[] = [];
  descriptions = new Map<string, ToolDescription>();
  environment: Record<string, string> = {};
  #tools: Tool[] = [];

  /** To be called within a `describe`. */
  install(): this {
    beforeEach(() => {
      this.folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'code-mode-mcp-')));
      this.lines = [];
      this.descriptions = new Map();
      this.environment = {};
    });
    afterEach(async () => {
      const begun = descendants(process.pid).filter((pid) => !ownServers.has(pid));
      await Promise.all(this.#tools.splice(0).map((tool) => tool[Symbol.asyncDispose]()));
      rmSync(this.folder, { recursive: true, force: true });
      assert.deepEqual(await untilGone(begun), [], 'processes that are left');
    });
    return this;
  }

  /** A tool as its YAML defines it. @param startTimeoutMs milliseconds until its server has to be ready */
  define(definition: string, services: Partial<ToolServices> = {}, startTimeoutMs?: number): McpTool {
    const defined = parseToolDefinition(definition);
    assert.ok(defined.definition, JSON.stringify(defined.problems));
    const tool = new McpTool(
      defined.definition as ToolDefinition<McpConfig>,
      { ...this.#services(), ...services },
      startTimeoutMs,
    );
    this.#tools.push(tool);
    return tool;
  }

  /** As {@link define}, of a program in Node. */
  node(
    script: string,
    more: object = {},
    services?: Partial<ToolServices>,
    startTimeoutMs?: number,
  ): McpTool {
    const definition = { name: 'lab', type: 'mcp', command: process.execPath, args: [script], ...more };
    return this.define(stringify(definition), services, startTimeoutMs);
  }

  #services(): ToolServices {
    const variables = new Variables({
      workspaceFolder: this.folder,
      baseFolder: undefined,
      environment: this.environment,
    });
    return {
      workingFolder: this.folder,
      log: (line) => this.lines.push(line),
      fill: variables.fill,
      mask: variables.mask,
      maxResultBytes: 256 * 1024 * 1024,
      descriptions: {
        get: (digest) => this.descriptions.get(digest),
        set: (digest, description) => void this.descriptions.set(digest, description),
      },
      proxy: undefined,
      version: '0.0.0',
    };
  }
}

/** How a definition names what is to be filled. */
export function variable(name: string): string {
  return `\${${name}}`;
}

/** Calls a callable by either of its names. */
export async function call(
  tool: Tool,
  name: string,
  given: Readonly<Record<string, ToolArgument>> = {},
  { signal = new AbortController().signal, onProgress = () => undefined }: CallWith = {},
): Promise<ToolOutcome> {
  const { callables } = await tool.describe();
  const callable = callables.find((one) => one.name === name || one.originalName === name);
  assert.ok(callable, `no callable ${name}`);
  return await tool.call({ callable, arguments: given, signal, onProgress });
}

/** As {@link call}, of what gives one text. */
export async function textOf(...args: Parameters<typeof call>): Promise<string> {
  const outcome = await call(...args);
  assert.ok('type' in outcome && outcome.type === 'text', JSON.stringify(outcome));
  return outcome.text;
}

export async function callableOf(tool: Tool, name: string): Promise<ToolCallableInfo> {
  const found = (await tool.describe()).callables.find((one) => one.name === name);
  assert.ok(found, `no callable ${name}`);
  return found;
}

export async function untilState(tool: Tool, state: ToolState): Promise<void> {
  await until(`the server is ${state}`, () => tool.health.state === state);
}

/** For `assert.rejects`. */
export function failed(pattern: RegExp, code = 'tool-failed'): (error: unknown) => true {
  return (error) => {
    assert.ok(CodeModeError.is(error), String(error));
    assert.match(CodeModeError.describe(error), pattern);
    assert.equal(error.code, code, error.message);
    return true;
  };
}
