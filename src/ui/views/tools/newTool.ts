import * as vscode from 'vscode';
import type { DraftDefinition } from '../../../core/tools/mcpConfig/index.ts';
import { localFolder } from '../../sessions/sessionSpecs.ts';
import type { WorkspaceTools } from '../../store/workspaceTools.ts';
import { askToolName, isFree } from './askToolName.ts';
import type { KnownServer, KnownServers } from './knownServers.ts';
import { openWritten, writeTool } from './writeTool.ts';

/** What new tools are made with. */
export interface ToolMaker {
  readonly tools: WorkspaceTools;
  readonly known: KnownServers;
}

interface Beginning extends vscode.QuickPickItem {
  readonly make?: () => Promise<void>;
}

/** A tool that only needs a name. */
interface Draft {
  /** A name for it. */
  readonly name: string;
  /** The YAML of a tool of this name. */
  text(name: string): string;
}

/** Makes a tool: from a template, from what a program says of itself, or from an MCP server. */
export async function newTool(maker: ToolMaker): Promise<void> {
  const { TOOL_TEMPLATES } = await import('../../sessions/core.ts');
  const { tools, known } = maker;
  // Where there is no folder for it, nobody is asked for anything.
  await tools.folder();
  const servers = await known.list(await tools.list());
  const beginnings: Beginning[] = [
    { label: 'from a template', kind: vscode.QuickPickItemKind.Separator },
    ...TOOL_TEMPLATES.map(({ label, description, icon, text, first }) => ({
      label: `$(${icon}) ${label}`,
      description,
      make: async () => {
        const name = await askToolName(tools, { title: `New Tool: ${label}` });
        if (name !== undefined) await openWritten(await writeTool(tools, name, text(name)), first);
      },
    })),
    { label: 'from what there is', kind: vscode.QuickPickItemKind.Separator },
    {
      label: "$(question) A Program's --help",
      description: 'what it takes is read from what it says of itself',
      make: () => newFromHelp(tools),
    },
    {
      label: "$(server-process) An MCP Server's Command",
      description: 'such as uvx mcp-server-fetch',
      make: () => newFromCommand(tools),
    },
    ...(servers.length === 0
      ? []
      : [
          {
            label: '$(mcp) MCP Servers of .vscode/mcp.json',
            description: servers.map(({ label }) => label).join(', '),
            make: () => addKnownServers(maker, servers),
          },
        ]),
  ];
  const chosen = await vscode.window.showQuickPick(beginnings, {
    title: 'New Tool',
    placeHolder: 'What does it begin as?',
    matchOnDescription: true,
  });
  await chosen?.make?.();
}

/** Makes tools of servers that the editor knows: of one at once, of several those that are chosen. */
export async function addKnownServers({ tools }: ToolMaker, servers: readonly KnownServer[]): Promise<void> {
  const chosen = servers.length > 1 ? await chooseServers(servers) : servers;
  const written: vscode.Uri[] = [];
  for (const { name, definition, label, problem } of chosen) {
    if (problem !== undefined) void vscode.window.showWarningMessage(`The MCP server "${label}": ${problem}`);
    if (!definition) continue;
    const free = (await isFree(tools, name))
      ? name
      : await askToolName(tools, { title: `New Tool: ${label}` });
    if (free !== undefined)
      written.push(await writeTool(tools, free, (await draftOf(definition)).text(free)));
  }
  const [first] = written;
  if (first && written.length === 1) await openWritten(first);
  if (written.length > 1) void vscode.window.showInformationMessage(`${written.length} tools were added.`);
}

async function chooseServers(servers: readonly KnownServer[]): Promise<readonly KnownServer[]> {
  const items = servers.map((server) => ({
    label: server.label,
    description: server.description,
    picked: true,
    server,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: 'Add MCP Servers as Tools',
    placeHolder: 'Which of those in .vscode/mcp.json?',
    canPickMany: true,
    matchOnDescription: true,
  });
  return (chosen ?? []).map(({ server }) => server);
}

/** Makes a tool of a program: what it takes is read from its --help. */
async function newFromHelp(tools: WorkspaceTools): Promise<void> {
  const typed = await vscode.window.showInputBox({
    title: 'New Tool (1/2): Program',
    prompt: 'A program on the search path, or the path of one; a subcommand may follow, such as git log.',
  });
  const command = typed?.trim();
  if (command === undefined || command === '') return;
  const draft = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: `Reading what ${command} says of itself…`,
      cancellable: true,
    },
    async (_, token) => {
      const { definitionFromHelp } = await import('../../sessions/core.ts');
      const controller = new AbortController();
      const cancelling = token.onCancellationRequested(() => controller.abort());
      try {
        return await definitionFromHelp(command, { workingFolder: localFolder(), signal: controller.signal });
      } finally {
        cancelling.dispose();
      }
    },
  );
  await nameAndWrite(tools, draft);
}

/** Makes a tool of the MCP server that a command line starts. */
async function newFromCommand(tools: WorkspaceTools): Promise<void> {
  const { definitionFromCommand } = await import('../../sessions/core.ts');
  const typed = await vscode.window.showInputBox({
    title: 'New Tool (1/2): Command',
    prompt: 'What starts the MCP server, such as uvx mcp-server-fetch; or the address of one that runs.',
  });
  const command = typed?.trim();
  if (command === undefined || command === '') return;
  await nameAndWrite(tools, await draftOf(definitionFromCommand(command)));
}

async function nameAndWrite(tools: WorkspaceTools, draft: Draft): Promise<void> {
  const name = await askToolName(tools, { title: 'New Tool (2/2): Name', value: draft.name });
  if (name !== undefined) await openWritten(await writeTool(tools, name, draft.text(name)));
}

async function draftOf(definition: DraftDefinition): Promise<Draft> {
  const { toYaml } = await import('../../sessions/core.ts');
  return { name: definition.name, text: (name) => toYaml({ ...definition, name }) };
}
