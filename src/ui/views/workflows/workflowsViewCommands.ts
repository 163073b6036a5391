import * as vscode from 'vscode';
import type { WorkflowSummary } from '../../../core/workflows/library.ts';
import { showError } from '../../messages.ts';
import type { WorkspaceSessions } from '../../sessions/workspaceSessions.ts';
import { deleteWorkflow } from './deleteWorkflow.ts';
import { copyCall, insertCall } from './insertCall.ts';
import { migrateOlderWorkflows } from './migrateOlder.ts';
import { newFromCells, newFromSelection, newWorkflow } from './newWorkflow.ts';
import { type Node, workflowOf } from './nodes.ts';
import { openWorkflow } from './openWorkflow.ts';
import { renameWorkflow } from './renameWorkflow.ts';
import { runWorkflow, type WorkflowRunner } from './runWorkflow.ts';
import { searchWorkflows } from './searchWorkflows.ts';
import { findUsages } from './usages.ts';
import type { WorkflowsView } from './workflowsView.ts';

/** What the commands work with. */
export interface WorkflowCommandServices extends WorkflowRunner {
  readonly sessions: WorkspaceSessions;
  readonly view: WorkflowsView;
  readonly log: vscode.LogOutputChannel;
}

/** Registers what can be done with workflows. */
export function registerWorkflowCommands(services: WorkflowCommandServices): vscode.Disposable {
  const { store, sessions, view, log } = services;
  const command = (name: string, act: (node: Node | undefined) => Promise<unknown>) =>
    vscode.commands.registerCommand(`codeMode.workflows.${name}`, async (node: Node | undefined) => {
      try {
        await act(node);
      } catch (error) {
        void showError(error, log);
      }
    });
  /** Of the line that is meant, or of the selected one where a key was pressed. */
  const onWorkflow = (name: string, act: (workflow: WorkflowSummary) => Promise<unknown>) =>
    command(name, async (node) => {
      const workflow = node ? workflowOf(node) : view.selected;
      if (workflow) await act(workflow.summary);
    });
  const open = (name: string) => openWorkflow(store, name).then(() => undefined);
  const run = (name: string) => runWorkflow(services, name);
  return vscode.Disposable.from(
    onWorkflow('open', ({ name }) => open(name)),
    onWorkflow('run', ({ name }) => run(name)),
    onWorkflow('insertCall', insertCall),
    onWorkflow('copyCall', copyCall),
    onWorkflow('rename', ({ name }) => renameWorkflow(store, name)),
    onWorkflow('delete', ({ name }) => deleteWorkflow(store, name)),
    onWorkflow('usages', ({ name }) => findUsages(store, name)),
    command('new', () => newWorkflow(store)),
    command('newFromSelection', () => newFromSelection(store, sessions)),
    command('newFromCells', () => newFromCells(store, sessions)),
    command('search', () => searchWorkflows(store, { run, open, insertCall })),
    command('migrate', () => migrateOlderWorkflows(store)),
    command('refresh', () => view.refresh()),
    command('showMore', async () => view.showMore()),
  );
}
