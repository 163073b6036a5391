import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { ToolStatus } from '../../core/contract/tools.ts';
import type { OpenToolbox } from '../../core/session/toolboxes.ts';
import type { SessionTools, ToolboxSpec } from '../../core/session/tools.ts';
import type { LocatedProblem } from '../../core/tools/definition/index.ts';
import type { Secrets } from '../secrets.ts';
import { localFolder } from '../sessions/sessionSpecs.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';
import { readToolsSettings } from '../settings/readToolsSettings.ts';
import { readStoredSettings } from '../settings/storedSettings.ts';

/** What a person said of a tool: it is asked for as the policy says, it never is, or it is never called. */
export type ToolApproval = 'ask' | 'allowed' | 'blocked';

/** A tool of the workspace, for people. */
export interface WorkspaceTool {
  readonly name: string;
  /** The adapter's: `cli`, `mcp`, `http`; `extension`; empty where it is broken. */
  readonly type: string;
  /** The file that defines it. */
  readonly uri: vscode.Uri | undefined;
  /** What its definition has wrong. */
  readonly problems: readonly LocatedProblem[];
  /** Missing where it is broken. Its health is that in the session host, where there is one. */
  readonly status: ToolStatus | undefined;
  readonly approval: ToolApproval;
}

/** What {@link WorkspaceTools} needs from whoever makes it. */
export interface WorkspaceToolsOptions {
  readonly sessions: WorkspaceSessions;
  readonly secrets: Secrets;
  readonly log: vscode.LogOutputChannel;
}

interface OpenTools extends OpenToolbox, vscode.Disposable {
  readonly spec: ToolboxSpec;
}

/** Settings that decide which tools there are. */
const SETTINGS = ['storage', 'redis', 'workspaceId', 'baseFolder', 'tools'].map((name) => `codeMode.${name}`);
/** Milliseconds for which changes are left to settle: several often come at once. */
const SETTLE_MS = 100;

/**
 * The tools of this window's workspace, for the person: read here without a session, and with the health that they have
 * in the session host where one runs.
 */
export class WorkspaceTools implements vscode.Disposable {
  readonly #options: WorkspaceToolsOptions;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #disposables: vscode.Disposable[] = [this.#changed];
  #open: Promise<OpenTools> | undefined;
  #settling: NodeJS.Timeout | undefined;
  #reconsidering: NodeJS.Timeout | undefined;

  /** A tool was added, removed or changed, its server's state has changed, or the person's approval of it. */
  readonly onDidChange = this.#changed.event;

  constructor(options: WorkspaceToolsOptions) {
    this.#options = options;
    this.#disposables.push(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (SETTINGS.some((name) => event.affectsConfiguration(name))) this.#reconsiderSoon();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#reconsiderSoon()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#reopen()),
      options.sessions.onDidChangeTools(() => this.#changedSoon()),
    );
  }

  /** All tools by name, broken ones as well; starts nothing. @throws CodeModeError that says what to do */
  async list(): Promise<readonly WorkspaceTool[]> {
    const { toolbox, approvals, spec } = await this.#opened();
    const [entries, live] = await Promise.all([toolbox.entries(), this.#liveStatuses(spec)]);
    const tools = [...entries.values()].map(async ({ name, tool, defined }) => {
      const status = tool && (live.get(name) ?? toolbox.statusOf(tool));
      return {
        name,
        type: tool?.definition.type ?? '',
        uri: defined?.file === undefined ? undefined : vscode.Uri.file(defined.file),
        problems: defined?.problems ?? [],
        status,
        approval: await approvalOf(name, status?.digest, approvals),
      };
    });
    // What other extensions provide is known to those who have sessions alone.
    for (const [name, status] of live) {
      if (entries.has(name)) continue;
      tools.push(
        approvalOf(name, status.digest, approvals).then((approval) => ({
          name,
          type: 'extension',
          uri: undefined,
          problems: [],
          status,
          approval,
        })),
      );
    }
    return (await Promise.all(tools)).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The YAML that defines a tool, wherever it is kept; undefined: there is none. @throws CodeModeError */
  async definitionText(name: string): Promise<string | undefined> {
    return (await this.#opened()).toolbox.definitionText(name);
  }

  /** A tool with what it can do; its server is started in the session host where nothing else knows. @throws CodeModeError */
  describe(name: string): Promise<ToolStatus> {
    return this.#inHost((tools, spec) => tools.describe(spec, name));
  }

  /** Starts the server of a tool, afresh where it runs. @throws CodeModeError */
  restart(name: string): Promise<void> {
    return this.#inHost((tools, spec) => tools.restart(spec, name));
  }

  /** Ends the server of a tool; the next call starts it again. @throws CodeModeError */
  stop(name: string): Promise<void> {
    return this.#inHost((tools, spec) => tools.stop(spec, name));
  }

  /** The newest of what the server of a tool said. @throws CodeModeError */
  log(name: string): Promise<string> {
    return this.#inHost((tools, spec) => tools.log(spec, name));
  }

  /** The folder of the tools' files, whether it is there yet or not. @throws CodeModeError where there is none */
  async folder(): Promise<vscode.Uri> {
    const { spec } = await this.#opened();
    if (spec.baseFolder !== undefined) return vscode.Uri.file(path.join(spec.baseFolder, 'tools'));
    throw await noFolder();
  }

  /** Keeps what the person says of a tool. @throws CodeModeError */
  async setApproval(name: string, approval: ToolApproval): Promise<void> {
    const { toolbox, approvals, spec } = await this.#opened();
    if (!approvals) throw await noFolder();
    if (approval === 'blocked') await approvals.block(name);
    else if (approval === 'ask') await approvals.forget(name);
    else {
      const live = (await this.#liveStatuses(spec)).get(name);
      const digest = live?.digest ?? (await toolbox.get(name)).definition.digest;
      await approvals.allow({ tool: name, callable: null, digest });
    }
    this.#changed.fire();
  }

  /** Lets code be asked for again before it changes packages. @throws CodeModeError */
  async forgetPackageApprovals(): Promise<void> {
    const { approvals } = await this.#opened();
    const { isPackageApproval } = await import('../sessions/core.ts');
    await approvals?.forgetAll(isPackageApproval);
  }

  /** The names of the variables that the definitions ask for, and the base folder that their secrets are kept for. */
  async variables(): Promise<{ readonly names: readonly string[]; readonly baseFolder: string | undefined }> {
    const { toolbox, spec } = await this.#opened();
    return { names: await toolbox.variables(), baseFolder: spec.baseFolder };
  }

  /** Lets sessions ask for secrets anew. */
  async forgetSecrets(): Promise<void> {
    await (await this.#options.sessions.toolsIfThere())?.forgetSecrets();
  }

  dispose(): void {
    clearTimeout(this.#settling);
    clearTimeout(this.#reconsidering);
    this.#close();
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  async #inHost<T>(act: (tools: SessionTools, spec: ToolboxSpec) => Promise<T>): Promise<T> {
    const { spec } = await this.#opened();
    return act(await this.#options.sessions.tools(), spec);
  }

  async #liveStatuses(spec: ToolboxSpec): Promise<ReadonlyMap<string, ToolStatus>> {
    const tools = await this.#options.sessions.toolsIfThere();
    const statuses = await tools?.statuses(spec).catch((error: unknown) => {
      this.#options.log.warn(`The tools' health is not known: ${String(error)}`);
      return [];
    });
    return new Map((statuses ?? []).map((status) => [status.name, status]));
  }

  #opened(): Promise<OpenTools> {
    if (!this.#open) {
      const opening = this.#openNow();
      this.#open = opening;
      // The next call tries again.
      opening.catch(() => {
        if (this.#open === opening) this.#open = undefined;
      });
    }
    return this.#open;
  }

  async #openNow(): Promise<OpenTools> {
    const core = await import('../sessions/core.ts');
    if (!vscode.workspace.isTrusted) {
      throw new core.CodeModeError('untrusted', 'Tools are shown in a workspace that you trust.', {
        hint: 'Trust this workspace with the command "Workspaces: Manage Workspace Trust".',
      });
    }
    const spec = await readToolboxSpec();
    if (spec.baseFolder === undefined && spec.storage === undefined) throw await noFolder();
    const { secrets, log } = this.#options;
    const open = core.openToolbox(spec, { log: (line) => log.info(line), secret: secrets.get });
    const changes = open.toolbox.onDidChange(() => this.#changedSoon());
    return {
      ...open,
      spec,
      dispose: () => {
        changes.dispose();
        open.toolbox[Symbol.asyncDispose]().then(undefined, (error: unknown) => log.warn(String(error)));
      },
    };
  }

  #changedSoon(): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      this.#changed.fire();
    }, SETTLE_MS);
  }

  #reconsiderSoon(): void {
    clearTimeout(this.#reconsidering);
    this.#reconsidering = setTimeout(() => {
      this.#reconsider().catch((error: unknown) => this.#options.log.warn(String(error)));
    }, SETTLE_MS);
  }

  async #reconsider(): Promise<void> {
    const opened = await this.#open?.catch(() => undefined);
    const now = await readToolboxSpec().catch(() => undefined);
    if (!opened || !isDeepStrictEqual(opened.spec, now)) this.#reopen();
  }

  #reopen(): void {
    this.#close();
    this.#changed.fire();
  }

  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    open?.then(
      (tools) => tools.dispose(),
      () => undefined,
    );
  }
}

/** The tools that the settings of now choose. @throws SettingsError */
async function readToolboxSpec(): Promise<ToolboxSpec> {
  const workspaceFolder = localFolder();
  const [{ baseFolder, storage }, tools] = await Promise.all([
    readStoredSettings(workspaceFolder),
    readToolsSettings(),
  ]);
  return {
    ...(baseFolder === undefined ? {} : { baseFolder }),
    ...(storage === undefined ? {} : { storage }),
    ...(workspaceFolder === undefined ? {} : { workspaceFolder }),
    tools,
  };
}

async function approvalOf(
  name: string,
  digest: string | undefined,
  approvals: OpenToolbox['approvals'],
): Promise<ToolApproval> {
  if (await approvals?.isBlocked(name)) return 'blocked';
  if (digest === undefined) return 'ask';
  return (await approvals?.isAllowed({ tool: name, callable: null, digest })) ? 'allowed' : 'ask';
}

async function noFolder(): Promise<Error> {
  const { CodeModeError } = await import('../sessions/core.ts');
  return new CodeModeError('storage', 'Tools are kept in a folder, and none is open.', {
    hint: 'Open a folder, or set codeMode.baseFolder to an absolute path.',
  });
}
