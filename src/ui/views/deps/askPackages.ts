import * as vscode from 'vscode';
import type { WorkspaceDependencies } from '../../store/workspaceDependencies.ts';
import type { Choice } from './packageChoices.ts';
import { PackageLookUps } from './packageLookUps.ts';

interface ChoiceItem extends vscode.QuickPickItem {
  readonly choice: Choice;
  /** What was typed when it was offered. */
  readonly typed: string;
}

/** Milliseconds without a key after which the index is asked. */
const PAUSE_MS = 250;

/**
 * Asks which packages to add, and says while the person types what can't be: at once what is no package, a little later
 * what the index does not have. Typing waits for nothing.
 *
 * @returns package specifications; undefined: nothing is wanted
 */
export async function askPackages(
  dependencies: WorkspaceDependencies,
): Promise<readonly string[] | undefined> {
  const { choicesOf, readTyped } = await import('../../sessions/core.ts');
  const pick = vscode.window.createQuickPick<ChoiceItem>();
  const lookUps = new PackageLookUps({
    lookUp: (name, signal) => dependencies.lookUp(name, signal),
    onAnswer: () => show(),
    pauseMs: PAUSE_MS,
  });
  const choicesNow = () => choicesOf(readTyped(pick.value), (name) => lookUps.answer(name));
  const show = () => {
    pick.items = choicesNow().map((choice) => itemOf(choice, pick.value));
    pick.busy = lookUps.isBusy;
  };
  pick.title = 'Add Packages';
  pick.placeholder = 'pandas, requests[socks] or numpy>=2; several with spaces or commas between them';
  try {
    return await new Promise<readonly string[] | undefined>((resolve) => {
      pick.onDidChangeValue((value) => {
        lookUps.want(readTyped(value).packages.map(({ name }) => name));
        show();
      });
      pick.onDidAccept(() => {
        const [item] = pick.activeItems;
        // Who types on and presses Enter at once means what is typed, which is not shown below it yet.
        const chosen = item?.typed === pick.value ? item.choice : choicesNow()[0];
        if (chosen?.specs) resolve(chosen.specs);
      });
      pick.onDidHide(() => resolve(undefined));
      pick.show();
    });
  } finally {
    lookUps.dispose();
    pick.dispose();
  }
}

/** All are shown as they are: they answer what is typed, and are not searched by it. */
function itemOf(choice: Choice, typed: string): ChoiceItem {
  const { label, description, detail, icon } = choice;
  return {
    label: `$(${icon}) ${label}`,
    description,
    ...(detail === undefined ? {} : { detail }),
    alwaysShow: true,
    choice,
    typed,
  };
}
