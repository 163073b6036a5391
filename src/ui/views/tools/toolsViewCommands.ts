import * as vscode from 'vscode';
import { showError } from '../../messages.ts';
import type { ToolApproval, WorkspaceTool, WorkspaceTools } from '../../store/workspaceTools.ts';
import type { FollowedLogs } from '../followedLogs.ts';
import { chooseCallable, described } from './chooseCallable.ts';
import { deleteTool } from './deleteTool.ts';
import { copyCall, insertCall } from './insertCall.ts';
import type { KnownServers } from './knownServers.ts';
import { addKnownServers, newTool } from './newTool.ts';
import { type Node, toolOf } from './nodes.ts';
import { openDefinition } from './openDefinition.ts';
import { runTool, type ToolRunner } from './runTool.ts';
import { searchTools } from './searchTools.ts';
import type { Target } from './toolRow.ts';
import type { ToolsView } from './toolsView.ts';

/** What the commands work with. */
export interface ToolCommandServices extends ToolRunner {
  readonly tools: WorkspaceTools;
  readonly known: KnownServers;
  readonly logs: FollowedLogs;
  readonly view: ToolsView;
  readonly log: vscode.LogOutputChannel;
}

/** Registers what can be done with tools. */
export function registerToolCommands(services: ToolCommandServices): vscode.Disposable {
  const { tools, known, logs, view, log } = services;
  const command = (name: string, act: (node: Node | undefined) => Promise<unknown>) =>
    vscode.commands.registerCommand(`codeMode.tools.${name}`, async (node: Node | undefined) => {
      try {
        await act(node);
      } catch (error) {
        void showError(error, log);
      }
    });
  /** Of the line that is meant, or of the selected one where a key was pressed. */
  const onTool = (name: string, act: (tool: WorkspaceTool) => Promise<unknown>) =>
    command(name, async (node = view.selected) => {
      const owner = node && toolOf(node);
      if (owner) await act(owner.tool);
    });
  const onCallable = (name: string, title: string, act: (target: Target) => Promise<unknown>) =>
    command(name, async (node = view.selected) => {
      const target = node && (await chooseCallable(tools, node, title));
      if (target) await act(target);
    });
  const approve = (name: string, approval: ToolApproval) =>
    onTool(name, (tool) => tools.setApproval(tool.name, approval));
  const onServer = (name: string, act: (tool: string) => Promise<unknown>) =>
    onTool(name, async (tool) => inView(() => act(tool.name)));
  const tryCallable = (target: Target) => runTool(services, target);
  return vscode.Disposable.from(
    command('open', async (node = view.selected) => node && openDefinition(node)),
    onCallable('try', 'Try', tryCallable),
    onCallable('insertCall', 'Insert Call', insertCall),
    onCallable('copyCall', 'Copy Call', copyCall),
    onTool('load', (tool) => described(tools, tool)),
    onServer('start', (name) => tools.restart(name)),
    onServer('restart', (name) => tools.restart(name)),
    onServer('stop', (name) => tools.stop(name)),
    onTool('showLog', (tool) => logs.show(tool.name)),
    approve('allow', 'allowed'),
    approve('block', 'blocked'),
    approve('ask', 'ask'),
    onTool('delete', deleteTool),
    command('new', () => newTool(services)),
    ...['addServer', 'addServers'].map((name) =>
      command(name, async (node) => {
        const servers = node && 'server' in node ? [node.server] : await known.list(await tools.list());
        await addKnownServers(services, servers);
      }),
    ),
    command('search', () =>
      searchTools(tools, {
        open: (tool) => openDefinition({ key: tool.name, tool }),
        tryTool: async (tool) => {
          const target = await chooseCallable(tools, { key: tool.name, tool }, 'Try');
          if (target) await tryCallable(target);
        },
        tryCallable,
        insertCall,
      }),
    ),
    command('refresh', () => view.refresh()),
    command('showMore', async (node) => view.showMore(node && toolOf(node))),
  );
}

/** Shows that something is done where it is seen. */
function inView(work: () => Promise<unknown>): Thenable<unknown> {
  return vscode.window.withProgress({ location: { viewId: 'codeMode.tools' } }, work);
}
