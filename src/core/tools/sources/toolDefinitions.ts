import { Emitter, type Subscription } from '../../common/events.ts';
import { Slices } from '../../common/slices.ts';
import type { DefinedTool } from '../definition/parse.ts';
import type { SourceEntry, ToolSource } from './toolSource.ts';

/** What {@link ToolDefinitions} are made of. */
export interface ToolDefinitionsOptions {
  /** Of two tools with one name that of the first source counts. Disposed with the definitions. */
  readonly sources: readonly ToolSource[];
  /** One line. */
  readonly log: (line: string) => void;
}

/** All tools that are defined somewhere. Each definition is parsed when it is asked for first, and again when it has changed. */
export class ToolDefinitions implements AsyncDisposable {
  readonly #sources: readonly ToolSource[];
  readonly #log: (line: string) => void;
  readonly #changed = new Emitter<void>();
  readonly #subscriptions: readonly Subscription[];
  readonly #parsed = new WeakMap<SourceEntry, DefinedTool>();
  #listed: readonly (readonly SourceEntry[])[] = [];
  #tools: readonly DefinedTool[] = [];

  /** What {@link list} gave may have changed. */
  readonly onDidChange = this.#changed.event;

  constructor({ sources, log }: ToolDefinitionsOptions) {
    this.#sources = sources;
    this.#log = log;
    this.#subscriptions = sources.map((source) => source.onDidChange(() => this.#changed.fire()));
  }

  /**
   * All of them, those that are broken as well: in the order of the sources, by entry. Cheap, and the same array as before,
   * where nothing has changed; a tool whose definition has not changed is the same object. Never rejects.
   */
  async list(): Promise<readonly DefinedTool[]> {
    const listed = await Promise.all(this.#sources.map((source) => source.list()));
    const isSame = listed.length === this.#listed.length && listed.every((one, i) => one === this.#listed[i]);
    if (isSame) return this.#tools;
    const tools = await this.#parse(listed.flat());
    this.#listed = listed;
    this.#tools = tools;
    return tools;
  }

  /** The text of a tool that {@link list} gave; undefined: it can't be had. */
  textOf({ entry, file }: DefinedTool): string | undefined {
    const found = this.#listed.flat().find((one) => one.entry === entry && one.file === file);
    return found && 'text' in found ? found.text : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
    await Promise.all(this.#sources.map((source) => source[Symbol.asyncDispose]()));
  }

  async #parse(entries: readonly SourceEntry[]): Promise<DefinedTool[]> {
    // Not before it is needed: it takes a while to load.
    const { parseToolDefinition, unreadableTool, withNameProblem } = await import('../definition/parse.ts');
    const slices = new Slices();
    const tools: DefinedTool[] = [];
    const first = new Map<string, DefinedTool>();
    for (const entry of entries) {
      let tool = this.#parsed.get(entry);
      if (!tool) {
        if (slices.isOver) await slices.next();
        tool =
          'text' in entry
            ? parseToolDefinition(entry.text, entry.file, entry.entry)
            : unreadableTool(entry.entry, entry.problem, entry.file);
        this.#parsed.set(entry, tool);
        this.#report(tool);
      }
      const other = first.get(tool.name);
      if (tool.definition && !other) first.set(tool.name, tool);
      if (tool.definition && other && 'text' in entry) {
        const message = `There is a tool ${tool.name} already, in ${other.file ?? `Redis as ${other.entry}`}.`;
        tools.push(withNameProblem(tool, entry.text, message));
      } else tools.push(tool);
    }
    return tools;
  }

  #report({ entry, problems }: DefinedTool): void {
    const error = problems.find(({ severity }) => severity === 'error');
    if (error) this.#log(`tools: ${entry} can't be used: ${error.message}`);
  }
}
