import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { version } from '../../../package.json';
import { Emitter, type Subscription } from '../common/events.ts';
import { UsageError } from '../contract/errors.ts';
import type { ToolStatus } from '../contract/tools.ts';
import { ApprovalStore } from '../tools/approvals/approvalStore.ts';
import { DescriptionFiles } from '../tools/descriptionFiles.ts';
import { READY } from '../tools/health.ts';
import { openToolSources, ToolDefinitions } from '../tools/sources/index.ts';
import type { Tool, ToolServer } from '../tools/tool.ts';
import { Toolbox } from '../tools/toolbox.ts';
import { TOOLS_DEFAULTS } from '../tools/toolsSpec.ts';
import { Variables } from '../tools/variables.ts';
import type { SecretSource } from './secrets.ts';
import type { ProvidedTool, SessionTools, ToolboxSpec } from './tools.ts';

/** What {@link Toolboxes} are made with. */
export interface ToolboxesOptions {
  /** One line, without secrets. */
  readonly log: (line: string) => void;
  readonly secret?: SecretSource | undefined;
}

/** A toolbox and what goes with it. */
export interface OpenToolbox {
  readonly toolbox: Toolbox;
  readonly variables: Variables;
  /** Undefined: without a base folder nothing can be kept. */
  readonly approvals: ApprovalStore | undefined;
}

/** The tools of a workspace. Reads and starts nothing before the first call. */
export function openToolbox(spec: ToolboxSpec, { log, secret }: ToolboxesOptions): OpenToolbox {
  const { baseFolder, workspaceFolder, storage, tools } = spec;
  const variables = new Variables({
    workspaceFolder,
    baseFolder,
    ...(secret === undefined ? {} : { secret }),
  });
  const toolLog = (line: string) => log(`tools: ${variables.mask(line)}`);
  const toolbox = new Toolbox({
    definitions: new ToolDefinitions({
      sources: openToolSources(
        {
          ...(baseFolder === undefined ? {} : { baseFolder }),
          ...(storage === undefined ? {} : { storage }),
        },
        { log: toolLog, ...(secret === undefined ? {} : { secret }) },
      ),
      log: toolLog,
    }),
    services: {
      workingFolder: workspaceFolder ?? homedir(),
      log: toolLog,
      fill: variables.fill,
      mask: variables.mask,
      maxResultBytes: tools?.maxResultBytes ?? TOOLS_DEFAULTS.maxResultBytes,
      descriptions: new DescriptionFiles(),
      proxy: tools?.proxy,
      version,
    },
  });
  const approvals = baseFolder === undefined ? undefined : new ApprovalStore(baseFolder, { log });
  return { toolbox, variables, approvals };
}

interface SharedToolbox extends OpenToolbox {
  readonly spec: ToolboxSpec;
  /** Sessions that use it. */
  sessions: number;
  /** Others that hold it, such as a view that has started a server. */
  readonly holders: Set<object>;
  readonly provided: Map<object, Subscription>;
}

/** The toolboxes of a process: one a workspace, shared by its sessions, whose servers end with the last of them. */
export class Toolboxes {
  readonly #options: ToolboxesOptions;
  readonly #open = new Map<string, SharedToolbox>();
  readonly #provided = new Map<object, readonly ProvidedTool[]>();
  readonly #changed = new Emitter<void>();
  readonly #ending = new Set<Promise<void>>();

  readonly onDidChange = this.#changed.event;

  constructor(options: ToolboxesOptions) {
    this.#options = options;
  }

  /** The tools of a session, until `release` is called. */
  acquire(spec: ToolboxSpec): OpenToolbox & { release(): Promise<void> } {
    const shared = this.#ensure(spec);
    shared.sessions += 1;
    let isReleased = false;
    return {
      toolbox: shared.toolbox,
      variables: shared.variables,
      approvals: shared.approvals,
      release: async () => {
        if (isReleased) return;
        isReleased = true;
        shared.sessions -= 1;
        if (shared.sessions > 0) return;
        if (shared.holders.size > 0) await shared.toolbox.stopServers();
        else await this.#end(shared);
      },
    };
  }

  /** The tools of workspaces for one who shows them: what it has opened is let go with its subscription. */
  view(): SessionTools & Subscription {
    const holder = {};
    const hold = (spec: ToolboxSpec) => {
      const shared = this.#ensure(spec);
      shared.holders.add(holder);
      return shared.toolbox;
    };
    const server = async (spec: ToolboxSpec, name: string): Promise<ToolServer> => {
      const found = (await hold(spec).get(name)).server;
      if (found) return found;
      throw new UsageError(`The tool "${name}" has no server.`);
    };
    return {
      onDidChange: this.onDidChange,
      statuses: async (spec): Promise<readonly ToolStatus[]> =>
        (await this.#open.get(keyOf(spec))?.toolbox.statuses()) ?? [],
      describe: async (spec, name) => {
        const toolbox = hold(spec);
        await toolbox.info(name);
        return toolbox.statusOf(await toolbox.get(name));
      },
      restart: async (spec, name) => (await server(spec, name)).restart(),
      stop: async (spec, name) => (await server(spec, name)).stop(),
      log: async (spec, name) => (await server(spec, name)).log(),
      forgetSecrets: async () => {
        for (const { variables } of this.#open.values()) variables.forget();
      },
      provide: async (tools) => {
        this.#provide(holder, tools);
        return { dispose: () => this.#provide(holder, []) };
      },
      dispose: () => {
        this.#provide(holder, []);
        for (const shared of this.#open.values()) {
          if (shared.holders.delete(holder) && shared.holders.size === 0 && shared.sessions === 0) {
            void this.#end(shared);
          }
        }
      },
    };
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const shared of [...this.#open.values()]) void this.#end(shared);
    await Promise.all(this.#ending);
    this.#changed.dispose();
  }

  #ensure(spec: ToolboxSpec): SharedToolbox {
    const key = keyOf(spec);
    let shared = this.#open.get(key);
    if (!shared) {
      shared = {
        ...openToolbox(spec, this.#options),
        spec,
        sessions: 0,
        holders: new Set(),
        provided: new Map(),
      };
      for (const [holder, tools] of this.#provided) {
        shared.provided.set(holder, shared.toolbox.provide(tools.map(toTool)));
      }
      shared.toolbox.onDidChange(() => this.#changed.fire());
      this.#open.set(key, shared);
    }
    return shared;
  }

  #provide(holder: object, tools: readonly ProvidedTool[]): void {
    if (tools.length === 0) this.#provided.delete(holder);
    else this.#provided.set(holder, tools);
    for (const { toolbox, provided } of this.#open.values()) {
      provided.get(holder)?.dispose();
      provided.delete(holder);
      if (tools.length > 0) provided.set(holder, toolbox.provide(tools.map(toTool)));
    }
  }

  #end(shared: SharedToolbox): Promise<void> {
    this.#open.delete(keyOf(shared.spec));
    const ending = shared.toolbox[Symbol.asyncDispose]();
    this.#ending.add(ending);
    void ending.finally(() => {
      this.#ending.delete(ending);
      this.#changed.fire();
    });
    return ending;
  }
}

/** Sessions with the same have the same tools. */
function keyOf({ baseFolder, storage, workspaceFolder, tools }: ToolboxSpec): string {
  return JSON.stringify([baseFolder, storage, workspaceFolder, tools?.maxResultBytes, tools?.proxy]);
}

/** A provided tool as the toolbox has tools. */
function toTool(provided: ProvidedTool): Tool {
  const { name, description, tags, callables, direct, provider } = provided;
  const config = { name, description, tags, provider };
  const what = { callables, direct };
  const digest = createHash('sha256')
    .update(JSON.stringify([config, what]))
    .digest('hex');
  return {
    definition: { name, type: 'extension', config, digest },
    health: READY,
    onDidChange: () => ({ dispose: () => undefined }),
    known: what,
    describe: async () => what,
    commandLine: ({ callable }) => `${name}.${callable.name} of ${provider}`,
    call: ({ callable, arguments: given, signal }) => provided.call(callable.name, given, signal),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
