import { Emitter, type Subscription } from '../common/events.ts';
import { unlessAborted } from '../common/unlessAborted.ts';
import { CodeModeError } from '../contract/errors.ts';
import type { ToolInfo, ToolStatus } from '../contract/tools.ts';
import { SearchIndex } from '../search/searchIndex.ts';
import { adapterOf } from './adapters/index.ts';
import type { DefinedTool } from './definition/index.ts';
import type { ToolDefinitions } from './sources/toolDefinitions.ts';
import type { Tool, ToolDefinition, ToolServices } from './tool.ts';
import { variablesOf } from './variables.ts';

/** What a {@link Toolbox} is made of. */
export interface ToolboxOptions {
  /** Owned by the toolbox from now on. */
  readonly definitions: ToolDefinitions;
  readonly services: ToolServices;
}

/** A tool that could be called, or why not. */
export interface ToolboxEntry {
  readonly name: string;
  readonly tool: Tool | undefined;
  /** What its file has wrong; of a tool that is not defined by a file: nothing. */
  readonly defined: DefinedTool | undefined;
}

/** Milliseconds that a list, or a search, waits for servers that have to be asked what they can do. */
const LIST_WAITS_MS = 30_000;
const SEARCH_WAITS_MS = 10_000;

interface Searchable {
  readonly id: string;
  readonly info: ToolInfo;
}

/**
 * The tools of a workspace: made from their definitions, which it follows, and from what other extensions provide.
 * Shared by all sessions of the workspace.
 */
export class Toolbox implements AsyncDisposable {
  readonly #options: ToolboxOptions;
  readonly #changed = new Emitter<void>();
  readonly #made = new Map<string, { readonly tool: Tool; readonly subscription: Subscription }>();
  readonly #provided = new Map<object, readonly Tool[]>();
  readonly #index: SearchIndex<Searchable>;
  readonly #searchables = new WeakMap<ToolInfo, Searchable>();
  /** The newest info of each tool, and what it was made of. */
  readonly #infos = new WeakMap<Tool, { readonly info: ToolInfo; readonly of: unknown }>();
  readonly #ending = new Set<Promise<void>>();
  readonly #subscription: Subscription;
  #seen: readonly DefinedTool[] | undefined;
  /** All infos, where nothing has changed since. */
  #listed: { readonly entries: unknown; readonly infos: readonly ToolInfo[] } | undefined;
  #indexed: readonly ToolInfo[] | undefined;
  #entries: ReadonlyMap<string, ToolboxEntry> = new Map();

  /** A tool was added, removed or changed, or its health or its callables have changed. */
  readonly onDidChange = this.#changed.event;

  /** Reads nothing yet. */
  constructor(options: ToolboxOptions) {
    this.#options = options;
    this.#subscription = options.definitions.onDidChange(() => this.#changed.fire());
    this.#index = new SearchIndex({
      weights: { name: 4, callables: 3, tags: 3, description: 2, details: 1 },
      fieldsOf: ({ info }) => fieldsOf(info),
      meaningOf: ({ info }) => `${info.name}: ${info.description}`,
      log: options.services.log,
    });
  }

  /** All tools by name and in its order, those that are broken as well. Starts nothing. */
  async entries(): Promise<ReadonlyMap<string, ToolboxEntry>> {
    const defined = await this.#options.definitions.list();
    if (defined !== this.#seen) {
      this.#seen = defined;
      this.#rebuild(defined);
    }
    return this.#entries;
  }

  /** The text that defines a tool, as its file or its entry in Redis has it; undefined: there is none. */
  async definitionText(name: string): Promise<string | undefined> {
    const defined = (await this.entries()).get(name)?.defined;
    return defined && this.#options.definitions.textOf(defined);
  }

  /** The names of the tools that can be called. Starts nothing. */
  async names(): Promise<string[]> {
    return [...(await this.entries()).values()].flatMap(({ name, tool }) => (tool ? [name] : []));
  }

  /** @throws CodeModeError `not-found` where there is none, `settings` where its definition is broken */
  async get(name: string): Promise<Tool> {
    const entries = await this.entries();
    const entry = entries.get(name);
    if (entry?.tool) return entry.tool;
    if (entry) {
      const [problem] = entry.defined?.problems ?? [];
      throw new CodeModeError(
        'settings',
        `The tool "${name}" can't be used: ${problem?.message ?? 'it is broken.'}`,
        {
          hint: `Mend ${entry.defined?.file ?? `its entry "${entry.defined?.entry}"`}.`,
        },
      );
    }
    const names = await this.names();
    const count = names.length === 1 ? '1 tool' : `${names.length} tools`;
    const shown = names.length > 20 ? `${names.slice(0, 20).join(', ')}, …` : names.join(', ');
    throw new CodeModeError(
      'not-found',
      `There is no tool "${name}": there are ${count}${shown && ` (${shown})`}.`,
    );
  }

  /** A tool with what it can do; its server is started where nothing else knows. @throws as {@link get} */
  async info(name: string, signal?: AbortSignal): Promise<ToolInfo> {
    const tool = await this.get(name);
    await tool.describe(signal);
    return this.#infoOf(tool, null);
  }

  /** All tools that can be called, by name; servers are started where nothing else knows what they can do. */
  async list(signal?: AbortSignal): Promise<readonly ToolInfo[]> {
    return this.#allInfos(LIST_WAITS_MS, signal);
  }

  /** The tools that fit the query best, best first, at most `limit`. */
  async search(query: string, limit: number, signal?: AbortSignal): Promise<readonly ToolInfo[]> {
    const infos = await this.#allInfos(SEARCH_WAITS_MS, signal);
    if (infos !== this.#indexed) {
      await this.#index.update(infos.map((info) => this.#searchableOf(info)));
      this.#indexed = infos;
    }
    return (await this.#index.search(query, limit)).map(({ info }) => info);
  }

  /** How the tools are that can be called, by name. Starts nothing. */
  async statuses(): Promise<readonly ToolStatus[]> {
    return [...(await this.entries()).values()].flatMap(({ tool }) => (tool ? [this.statusOf(tool)] : []));
  }

  statusOf(tool: Tool): ToolStatus {
    const { health } = tool;
    const problem = tool.known ? null : health.state === 'failed' ? health.detail : UNKNOWN_CALLABLES;
    return {
      ...this.#infoOf(tool, problem),
      digest: tool.definition.digest,
      health,
      hasServer: tool.server !== undefined,
    };
  }

  /** The names of the variables that the definitions of the tools ask for: `${NAME}`. */
  async variables(): Promise<string[]> {
    const configs = [...(await this.entries()).values()].map(({ tool }) => tool?.definition.config);
    return variablesOf(JSON.stringify(configs)).sort();
  }

  /**
   * Adds tools that are defined by no file, until the subscription is disposed. A tool that a file defines comes before
   * one of the same name.
   * @param tools - stay their provider's
   */
  provide(tools: readonly Tool[]): Subscription {
    const key = {};
    this.#provided.set(key, tools);
    const subscriptions = tools.map((tool) => tool.onDidChange(() => this.#onToolChange()));
    this.#changeProvided();
    return {
      dispose: () => {
        for (const subscription of subscriptions) subscription.dispose();
        if (this.#provided.delete(key)) this.#changeProvided();
      },
    };
  }

  /** Ends the servers that run; the next call starts them again. */
  async stopServers(): Promise<void> {
    await Promise.all([...this.#made.values()].map(({ tool }) => tool.server?.stop()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription.dispose();
    this.#index.dispose();
    await this.#options.definitions[Symbol.asyncDispose]();
    for (const name of [...this.#made.keys()]) this.#end(name);
    await Promise.all(this.#ending);
    this.#changed.dispose();
  }

  #onToolChange(): void {
    this.#listed = undefined;
    this.#changed.fire();
  }

  #changeProvided(): void {
    this.#seen = undefined;
    this.#changed.fire();
  }

  #rebuild(defined: readonly DefinedTool[]): void {
    const entries = new Map<string, ToolboxEntry>();
    const kept = new Set<string>();
    for (const entry of defined) {
      const { definition } = entry;
      if (!definition) continue;
      kept.add(definition.name);
      entries.set(definition.name, { name: definition.name, tool: this.#make(definition), defined: entry });
    }
    // Broken ones don't take their names from those that work.
    for (const entry of defined) {
      if (entry.definition) continue;
      const name = entries.has(entry.name) ? entry.entry : entry.name;
      entries.set(name, { name, tool: undefined, defined: entry });
    }
    for (const name of this.#made.keys()) if (!kept.has(name)) this.#end(name);
    for (const tool of [...this.#provided.values()].flat()) {
      const { name } = tool.definition;
      if (!entries.get(name)?.tool) entries.set(name, { name, tool, defined: undefined });
    }
    this.#entries = new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The tool of a definition: the one that there is where the definition is still the same. */
  #make(definition: ToolDefinition): Tool | undefined {
    const { name } = definition;
    const made = this.#made.get(name)?.tool;
    if (made?.definition.digest === definition.digest && made.definition.file === definition.file)
      return made;
    this.#end(name);
    const tool = adapterOf(definition.type)?.create(definition, this.#options.services);
    if (tool) {
      this.#made.set(name, { tool, subscription: tool.onDidChange(() => this.#onToolChange()) });
    }
    return tool;
  }

  #end(name: string): void {
    const made = this.#made.get(name);
    if (!made) return;
    this.#made.delete(name);
    made.subscription.dispose();
    const ending = made.tool[Symbol.asyncDispose]().catch((error: unknown) => {
      this.#options.services.log(`the tool "${name}" could not be ended: ${CodeModeError.describe(error)}`);
    });
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }

  /** The same array as long as nothing has changed. */
  async #allInfos(waitMs: number, signal: AbortSignal | undefined): Promise<readonly ToolInfo[]> {
    const entries = await this.entries();
    if (this.#listed?.entries === entries) return this.#listed.infos;
    const tools = [...entries.values()].flatMap(({ tool }) => tool ?? []);
    const problems = new Map<Tool, string>();
    const unknown = tools.filter((tool) => !tool.known);
    if (unknown.length > 0) {
      const late = AbortSignal.timeout(waitMs);
      const patience = signal ? AbortSignal.any([signal, late]) : late;
      await Promise.all(
        unknown.map((tool) =>
          describeWithin(tool, patience).catch((error: unknown) => {
            problems.set(tool, CodeModeError.describe(error));
          }),
        ),
      );
      signal?.throwIfAborted();
    }
    const infos = tools.map((tool) => this.#infoOf(tool, problems.get(tool) ?? null));
    // What is not known of a tool is asked again.
    if (problems.size === 0 && this.#entries === entries) this.#listed = { entries, infos };
    return infos;
  }

  /** The same object as long as nothing has changed: what is searched is then not read again. */
  #infoOf(tool: Tool, problem: string | null): ToolInfo {
    const { known } = tool;
    const of = known ?? problem;
    const kept = this.#infos.get(tool);
    if (kept?.of === of) return kept.info;
    const { name, config } = tool.definition;
    const { callables, direct } = known ?? { callables: [], direct: null };
    const { description, tags } = config;
    const info = { name, description, tags, callables, direct, problem: known ? null : problem };
    this.#infos.set(tool, { info, of });
    return info;
  }

  #searchableOf(info: ToolInfo): Searchable {
    let searchable = this.#searchables.get(info);
    if (!searchable) {
      searchable = { id: info.name, info };
      this.#searchables.set(info, searchable);
    }
    return searchable;
  }
}

const UNKNOWN_CALLABLES = 'What it can do is not known yet: its server has not been started.';

/** Waits no longer than the signal says; the start goes on, and the next who asks may find it done. */
function describeWithin(tool: Tool, signal: AbortSignal): Promise<unknown> {
  const message = `The server of the tool "${tool.definition.name}" is still starting.`;
  return unlessAborted(tool.describe(), signal, () => new CodeModeError('tool-failed', message));
}

function fieldsOf({ name, description, tags, callables, direct }: ToolInfo): Record<string, string> {
  const all = direct ? [...callables, direct] : callables;
  return {
    name,
    description,
    tags: tags.join(' '),
    callables: callables.map((callable) => `${callable.name} ${callable.description}`).join('\n'),
    details: all
      .flatMap(({ parameters }) =>
        parameters.map((parameter) => `${parameter.name} ${parameter.description}`),
      )
      .join('\n'),
  };
}
