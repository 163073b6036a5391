import * as vscode from 'vscode';
import type { CopyPlan, CopyResult, CopyStep, SkippedItem } from '../../core/storage/transfer/copyStore.ts';
import type { PickedStore } from './storePicks.ts';
import { withStoreProgress } from './storeProgress.ts';

interface StepItem extends vscode.QuickPickItem {
  readonly step: CopyStep;
}

/**
 * Copies what one store has to another one, after the person has seen what would be done and chosen of it. What only the
 * target has is shown as well, and removed only where it is chosen.
 */
export async function transferStore(
  from: PickedStore,
  to: PickedStore,
  log: vscode.LogOutputChannel,
): Promise<void> {
  const { copyStore, kindsOf, openTransferStore, planCopy } = await import('../sessions/core.ts');
  const options = { log: (line: string) => log.info(line) };
  await using source = openTransferStore(from.spec, { ...options, password: from.password });
  await using target = openTransferStore(to.spec, { ...options, password: to.password });
  const kinds = kindsOf(from.spec, to.spec);
  const plan = await withStoreProgress('Comparing the Stores', (followed) =>
    planCopy(source, target, { kinds, clear: true, ...followed }),
  );
  for (const { kind, name, reason } of plan.skipped) log.warn(`${kind} "${name}" is left out: ${reason}`);
  if (plan.steps.length === 0) {
    void tell(`${to.label} has all that ${from.label} has${leftOut(plan.skipped)}.`, plan.skipped, log);
    return;
  }
  const steps = await chooseSteps(from, to, plan);
  if (steps === undefined || steps.length === 0) return;
  const result = await withStoreProgress(`Copying to ${to.label}`, (followed) =>
    copyStore(source, target, steps, followed),
  );
  report(to, plan, result, log);
}

const MARKS: Readonly<Record<CopyStep['action'], string>> = {
  add: '$(diff-added)',
  replace: '$(diff-modified)',
  remove: '$(diff-removed)',
};
const WHAT: Readonly<Record<CopyStep['action'], string>> = {
  add: 'is added',
  replace: 'is replaced',
  remove: 'is there only: removed where it is chosen',
};

/** The preview: nothing is done before it is accepted. */
async function chooseSteps(
  from: PickedStore,
  to: PickedStore,
  { steps, same, skipped }: CopyPlan,
): Promise<readonly CopyStep[] | undefined> {
  const items = steps.map(
    (step): StepItem => ({
      label: `${MARKS[step.action]} ${step.name}`,
      description: `${step.kind}: ${WHAT[step.action]}`,
      picked: step.action !== 'remove',
      step,
    }),
  );
  const chosen = await vscode.window.showQuickPick(items, {
    title: `${from.label} → ${to.label}`,
    placeHolder: `Choose what is done; nothing has been changed yet (${same} the same${leftOut(skipped)})`,
    canPickMany: true,
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
  return chosen?.map(({ step }) => step);
}

function report(to: PickedStore, plan: CopyPlan, result: CopyResult, log: vscode.LogOutputChannel): void {
  const { done, failed, remaining, stopped } = result;
  for (const { kind, name, reason } of failed) log.warn(`${kind} "${name}" was left out: ${reason}`);
  const count = (action: CopyStep['action']) => done.filter((step) => step.action === action).length;
  const counts = `${count('add')} added, ${count('replace')} replaced, ${count('remove')} removed`;
  const missing = [...plan.skipped, ...failed];
  if (stopped) {
    const why = stopped.code === 'cancelled' ? 'Cancelled' : stopped.message.replace(/\.$/, '');
    const text = `${why}: ${done.length} of ${done.length + remaining.length} changes were made in ${to.label} (${counts}). Run the command again to go on.`;
    void (stopped.code === 'cancelled' ? tell(text, missing, log) : tellFailure(text, log));
    return;
  }
  void tell(`${to.label}: ${counts}${leftOut(missing)}.`, missing, log);
}

function leftOut(skipped: readonly SkippedItem[]): string {
  return skipped.length === 0 ? '' : `, ${skipped.length} left out`;
}

async function tell(
  text: string,
  skipped: readonly SkippedItem[],
  log: vscode.LogOutputChannel,
): Promise<void> {
  if (skipped.length === 0) void vscode.window.showInformationMessage(text);
  else if ((await vscode.window.showWarningMessage(text, SHOW_LOG)) === SHOW_LOG) log.show();
}

async function tellFailure(text: string, log: vscode.LogOutputChannel): Promise<void> {
  if ((await vscode.window.showErrorMessage(text, SHOW_LOG)) === SHOW_LOG) log.show();
}

const SHOW_LOG = 'Show Log';
