import * as vscode from 'vscode';
import type { OfferedInterpreter } from './offeredInterpreters.ts';

/** What the person chose: a value of the setting, or another way to name one. */
export type InterpreterChoice = { readonly setting: string } | { readonly by: 'browsing' | 'typing' };

/** What {@link pickInterpreter} shows. */
export interface InterpreterPickOptions {
  /** Whether the setting leaves the choice to the extension. */
  readonly isAutomatic: boolean;
  /** Finds what can be chosen; stops when the menu is closed. */
  readonly find: (signal: AbortSignal) => Promise<readonly OfferedInterpreter[]>;
  /** For people: the extension that knows some of them. */
  readonly extensionName: () => string;
}

interface Item extends vscode.QuickPickItem {
  readonly choice?: InterpreterChoice;
}

/**
 * Lets the person choose an interpreter. What needs no search can be chosen at once, the rest as soon as it is found.
 *
 * @returns undefined where the menu was dismissed
 * @throws what `find` throws
 */
export async function pickInterpreter(
  options: InterpreterPickOptions,
): Promise<InterpreterChoice | undefined> {
  const search = new AbortController();
  const menu = vscode.window.createQuickPick<Item>();
  menu.title = 'Python Interpreter';
  menu.placeholder = 'Looking for the interpreters of this machine…';
  menu.matchOnDescription = true;
  menu.matchOnDetail = true;
  menu.keepScrollPosition = true;
  menu.busy = true;
  menu.items = itemsOf(options, []);
  menu.activeItems = menu.items.slice(0, 1);
  menu.show();
  try {
    return await new Promise<InterpreterChoice | undefined>((resolve, reject) => {
      menu.onDidAccept(() => resolve(menu.selectedItems[0]?.choice));
      menu.onDidHide(() => resolve(undefined));
      options.find(search.signal).then((offered) => {
        if (search.signal.aborted) return;
        const active = menu.activeItems[0]?.label;
        menu.items = itemsOf(options, offered);
        // The person may be on the way to one that stays.
        menu.activeItems = menu.items.filter(({ label }) => label === active).slice(0, 1);
        menu.placeholder = 'Select the Python of the executor Subprocess';
        menu.busy = false;
      }, reject);
    });
  } finally {
    search.abort();
    menu.dispose();
  }
}

function itemsOf(options: InterpreterPickOptions, offered: readonly OfferedInterpreter[]): Item[] {
  const group = (title: string, name: OfferedInterpreter['group']): Item[] => {
    const items = offered.filter((interpreter) => interpreter.group === name).map(itemOf);
    return items.length === 0 ? [] : [separator(title), ...items];
  };
  return [
    ...group('From the settings', 'current'),
    {
      label: marked('Automatic', options.isAutomatic),
      description: "the Python extension's choice, else .venv, else one that is kept for you",
      choice: { setting: '' },
    },
    ...group('In this workspace', 'workspace'),
    ...group(`From the extension ${options.extensionName()}`, 'extension'),
    ...group('Kept by Python Code Mode for this workspace', 'managed'),
    ...group('On this machine', 'other'),
    separator('Others'),
    { label: '$(folder-opened) Browse…', choice: { by: 'browsing' } },
    { label: '$(edit) Enter a Path…', choice: { by: 'typing' } },
  ];
}

function itemOf({ setting, label, note, place, isCurrent }: OfferedInterpreter): Item {
  return { label: marked(label, isCurrent), description: note, detail: place, choice: { setting } };
}

function marked(label: string, isCurrent: boolean): string {
  return isCurrent ? `$(check) ${label}` : label;
}

function separator(label: string): Item {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
