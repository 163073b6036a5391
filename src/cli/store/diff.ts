import { createTwoFilesPatch } from 'diff';
import {
  type ComparedItem,
  compareStores,
  type ItemState,
} from '../../core/storage/transfer/compareStores.ts';
import { comparisonReport } from '../../core/storage/transfer/comparisonReport.ts';
import type { TransferKind, TransferStore } from '../../core/storage/transfer/transferStore.ts';
import { cancellable } from '../cancellable.ts';
import type { CommandContext } from '../context.ts';
import { ExitCode } from '../exitCodes.ts';
import { ProgressLine } from '../progressLine.ts';
import { type Style, styled } from '../style.ts';
import { assertStore, type NamedStore } from './address.ts';
import { openStore } from './openStore.ts';

/** What `diff` is told. */
export interface DiffOptions {
  readonly kinds: readonly TransferKind[];
  /** Whether the source of each changed workflow is shown as a unified diff. */
  readonly patch: boolean;
  readonly json: boolean;
}

/** `code-mode store diff`: 0 where both are the same, 1 where they differ. @throws CodeModeError where one can't be read */
export async function diffStores(
  from: NamedStore,
  to: NamedStore,
  { kinds, patch, json }: DiffOptions,
  context: CommandContext,
): Promise<ExitCode> {
  await assertStore(from);
  await assertStore(to);
  const line = new ProgressLine();
  return await cancellable(context, async (signal) => {
    await using source = openStore(from, context);
    await using target = openStore(to, context);
    try {
      const items = await compareStores(source, target, {
        kinds,
        signal,
        onProgress: ({ kind, name }) => line.show(`Comparing ${kind}: ${name}`),
      });
      const patches = patch ? await workflowPatches(items, source, target) : new Map<string, string>();
      line.clear();
      if (json) context.stdout.writeLine(diffJson(from, to, kinds, items, patch ? patches : undefined));
      else context.stdout.write(diffText(from, to, items, patches));
      return items.every(({ state }) => state === 'same') ? ExitCode.ok : ExitCode.failed;
    } finally {
      line.clear();
    }
  });
}

async function workflowPatches(
  items: readonly ComparedItem[],
  source: TransferStore,
  target: TransferStore,
): Promise<ReadonlyMap<string, string>> {
  const patches = new Map<string, string>();
  for (const { kind, name, state } of items) {
    if (kind !== 'workflows' || state !== 'changed') continue;
    const [ours, theirs] = [await source.workflows.get(name), await target.workflows.get(name)];
    const file = `workflows/${name}.py`;
    patches.set(
      name,
      createTwoFilesPatch(`source/${file}`, `target/${file}`, ours?.source ?? '', theirs?.source ?? '')
        // The line of signs that version control systems put first.
        .replace(/^=+\n/, ''),
    );
  }
  return patches;
}

const STATES: readonly ItemState[] = ['added', 'removed', 'changed', 'same'];

function diffJson(
  from: NamedStore,
  to: NamedStore,
  kinds: readonly TransferKind[],
  items: readonly ComparedItem[],
  patches: ReadonlyMap<string, string> | undefined,
): string {
  const namesOf = (kind: TransferKind, state: ItemState) =>
    items.filter((item) => item.kind === kind && item.state === state).map(({ name }) => name);
  const byKind = kinds.map((kind) => [
    kind,
    Object.fromEntries(STATES.map((state) => [state, namesOf(kind, state)])),
  ]);
  return JSON.stringify(
    {
      source: from.label,
      target: to.label,
      ...Object.fromEntries(byKind),
      ...(patches && { patches: Object.fromEntries(patches) }),
    },
    null,
    2,
  );
}

const STYLES: Readonly<Partial<Record<ItemState, Style>>> = {
  added: 'green',
  removed: 'red',
  changed: 'yellow',
};

function diffText(
  from: NamedStore,
  to: NamedStore,
  items: readonly ComparedItem[],
  patches: ReadonlyMap<string, string>,
): string {
  const lines: string[] = [];
  for (const { text, item } of comparisonReport(from.label, to.label, items)) {
    const style = item && STYLES[item.state];
    lines.push(style ? styled(style, text) : text);
    const patch = item?.kind === 'workflows' ? patches.get(item.name) : undefined;
    if (patch !== undefined) lines.push(colouredPatch(patch));
  }
  return `${lines.join('\n')}\n`;
}

function colouredPatch(patch: string): string {
  return patch
    .trimEnd()
    .split('\n')
    .map((line) => {
      if (/^(?:---|\+\+\+) /.test(line)) return styled('bold', line);
      if (line.startsWith('@@')) return styled('cyan', line);
      if (line.startsWith('+')) return styled('green', line);
      return line.startsWith('-') ? styled('red', line) : line;
    })
    .join('\n');
}
