import { CodeModeError } from '../../core/contract/errors.ts';
import type { CopyPlan, CopyResult, CopyStep } from '../../core/storage/transfer/copyStore.ts';
import { copyStore, planCopy } from '../../core/storage/transfer/copyStore.ts';
import type { TransferKind } from '../../core/storage/transfer/transferStore.ts';
import { cancellable } from '../cancellable.ts';
import type { CommandContext } from '../context.ts';
import { ExitCode } from '../exitCodes.ts';
import { ProgressLine } from '../progressLine.ts';
import { type Style, styled } from '../style.ts';
import { assertStore, type NamedStore } from './address.ts';
import { openStore } from './openStore.ts';
import { groupByKind } from './render.ts';

/** What `bootstrap` and `pull` are told. */
export interface TransferOptions {
  readonly kinds: readonly TransferKind[];
  readonly clear: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Makes `to` hold what `from` holds, and says what was done. @throws CodeModeError where a store can't be read */
export async function transfer(
  from: NamedStore,
  to: NamedStore,
  { kinds, clear, dryRun, json }: TransferOptions,
  context: CommandContext,
): Promise<ExitCode> {
  await assertStore(from);
  const line = new ProgressLine();
  return await cancellable(context, async (signal) => {
    await using source = openStore(from, context);
    await using target = openStore(to, context);
    try {
      const plan = await planCopy(source, target, {
        kinds,
        clear,
        signal,
        onProgress: ({ kind, name }) => line.show(`Comparing ${kind}: ${name}`),
      });
      const result = dryRun
        ? NOTHING_DONE
        : await copyStore(source, target, plan.steps, {
            signal,
            onProgress: ({ kind, name, done, total }) =>
              line.show(`${done + 1} of ${total}: ${kind} ${name}`),
          });
      line.clear();
      const report = { from, to, plan, result, dryRun };
      if (json) context.stdout.writeLine(reportJson(report));
      else context.stdout.write(reportText(report));
      return exitCode(report, signal, context);
    } finally {
      line.clear();
    }
  });
}

interface Report {
  readonly from: NamedStore;
  readonly to: NamedStore;
  readonly plan: CopyPlan;
  readonly result: CopyResult;
  readonly dryRun: boolean;
}

const NOTHING_DONE: CopyResult = { done: [], failed: [], remaining: [], stopped: undefined };

function exitCode({ plan, result }: Report, signal: AbortSignal, { stderr }: CommandContext): ExitCode {
  for (const { kind, name, reason } of [...plan.skipped, ...result.failed]) {
    stderr.writeLine(`code-mode: ${kind} "${name}" was left out: ${reason}`);
  }
  if (result.stopped) {
    stderr.writeLine(`code-mode: ${CodeModeError.describe(result.stopped)}`);
    const done = `${result.done.length} of ${result.done.length + result.remaining.length} changes were made.`;
    stderr.writeLine(`${done} Run the same command again to go on.`);
    return signal.aborted ? (signal.reason as ExitCode) : ExitCode.failed;
  }
  return plan.skipped.length + result.failed.length > 0 ? ExitCode.failed : ExitCode.ok;
}

function reportJson({ from, to, plan, result, dryRun }: Report): string {
  const { stopped, failed, ...rest } = result;
  return JSON.stringify(
    {
      from: from.label,
      to: to.label,
      dryRun,
      ...(dryRun ? { planned: plan.steps } : rest),
      skipped: [...plan.skipped, ...failed],
      same: plan.same,
      kept: plan.kept,
      error: stopped ? CodeModeError.describe(stopped) : null,
    },
    null,
    2,
  );
}

const MARKS: Readonly<Record<CopyStep['action'], readonly [mark: string, style: Style]>> = {
  add: ['+', 'green'],
  replace: ['~', 'yellow'],
  remove: ['-', 'red'],
};

function reportText({ from, to, plan, result, dryRun }: Report): string {
  const steps = dryRun ? plan.steps : result.done;
  const lines = [`${from.label} -> ${to.label}`];
  for (const [kind, ofKind] of groupByKind(steps)) {
    lines.push(kind);
    for (const { name, action } of ofKind) {
      const [mark, style] = MARKS[action];
      lines.push(styled(style, `  ${mark} ${name}`));
    }
  }
  const count = (action: CopyStep['action']) => steps.filter((step) => step.action === action).length;
  const counts = [
    `${count('add')} added`,
    `${count('replace')} replaced`,
    `${count('remove')} removed`,
    `${plan.same} the same`,
    ...(plan.kept > 0 ? [`${plan.kept} kept that are there only`] : []),
  ];
  lines.push(`${dryRun ? 'Would be: ' : ''}${counts.join(', ')}.`);
  if (dryRun) lines.push('Nothing was changed: this was a dry run.');
  return `${lines.join('\n')}\n`;
}
