import * as vscode from 'vscode';
import { type InterpreterChoice, pickInterpreter } from '../interpreter/interpreterPick.ts';
import type { PythonExtensions } from '../interpreter/pythonExtensions.ts';
import { showError } from '../messages.ts';
import { loadExecutors } from '../sessions/executors.ts';
import { localFolder } from '../sessions/sessionSpecs.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';
import { writeSetting } from '../settings/writeSetting.ts';
import { agreeToSwitch, writeExecutor } from './selectExecutor.ts';

/** The executor whose interpreter is chosen, and its setting. */
const EXECUTOR = 'subprocess';
const SETTING = 'subprocess.python';

/** What the command works with. */
interface SelectInterpreterServices {
  readonly sessions: WorkspaceSessions;
  readonly pythonExtensions: PythonExtensions;
  readonly log: vscode.LogOutputChannel;
}

/** Registers "Select Python Interpreter": shows what there is, writes the setting and switches to its executor. */
export function registerSelectInterpreter(services: SelectInterpreterServices): vscode.Disposable {
  const { sessions, log } = services;
  return vscode.commands.registerCommand('codeMode.selectInterpreter', async () => {
    if (!sessions.ensureTrusted()) return;
    try {
      const choice = await pick(services);
      const setting = choice && (await settingOf(choice));
      if (setting === undefined || !(await canBeUsed(setting, log))) return;
      await use(setting, sessions);
    } catch (error) {
      void showError(error, log);
    }
  });
}

async function pick({
  pythonExtensions,
  log,
}: SelectInterpreterServices): Promise<InterpreterChoice | undefined> {
  const setting = currentSetting();
  const workspaceFolder = localFolder();
  let extensionName = '';
  return pickInterpreter({
    isAutomatic: setting === '',
    extensionName: () => extensionName,
    find: async (signal) => {
      const { findInterpreters, offerInterpreters } = await import('../sessions/core.ts');
      const folder = workspaceFolder === undefined ? undefined : vscode.Uri.file(workspaceFolder);
      const [found, known, chosen] = await Promise.all([
        findInterpreters({ workspaceFolder, log: (line) => log.info(line), signal }),
        pythonExtensions.known(),
        pythonExtensions.chosen(folder),
      ]);
      extensionName = known.name;
      return offerInterpreters({ setting, workspaceFolder, found, extension: { ...known, chosen } });
    },
  });
}

/** What a choice means for the setting; undefined where the person thought better of it. */
async function settingOf(choice: InterpreterChoice): Promise<string | undefined> {
  if ('setting' in choice) return choice.setting;
  return choice.by === 'browsing' ? browse() : enter();
}

async function browse(): Promise<string | undefined> {
  const folder = localFolder();
  const chosen = await vscode.window.showOpenDialog({
    title: 'Python Interpreter',
    openLabel: 'Select Interpreter',
    // The dialog of macOS follows the link that an environment's interpreter is: there its folder can be chosen.
    canSelectFolders: process.platform === 'darwin',
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.file(folder) }),
    ...(process.platform === 'win32' ? { filters: { Programs: ['exe'] } } : {}),
  });
  return chosen?.[0]?.fsPath;
}

async function enter(): Promise<string | undefined> {
  const { CodeModeError, parsePythonSetting } = await import('../sessions/core.ts');
  const entered = await vscode.window.showInputBox({
    title: 'Python Interpreter',
    prompt: "An interpreter's path, an environment's folder, or a version such as 3.12",
    value: currentSetting(),
    validateInput: (text) => {
      try {
        parsePythonSetting(text, localFolder());
        return undefined;
      } catch (error) {
        return CodeModeError.describe(error);
      }
    },
  });
  return entered?.trim();
}

/**
 * Starts what a path names, so that a mistake is told here and not at the next run. A version or nothing means an
 * environment that is made when it is used.
 *
 * @throws SettingsError for a path that can't be used
 */
async function canBeUsed(setting: string, log: vscode.LogOutputChannel): Promise<boolean> {
  const { CodeModeError, parsePythonSetting, resolveEnvironment } = await import('../sessions/core.ts');
  const workspaceFolder = localFolder();
  if (parsePythonSetting(setting, workspaceFolder).kind !== 'path') return true;
  const stop = new AbortController();
  const progress = {
    location: vscode.ProgressLocation.Notification,
    title: 'Starting Python…',
    cancellable: true,
  };
  try {
    await vscode.window.withProgress(progress, (_, token) => {
      token.onCancellationRequested(() => stop.abort());
      return resolveEnvironment({
        python: setting,
        workspaceFolder,
        log: (line) => log.info(line),
        signal: stop.signal,
      });
    });
    return true;
  } catch (error) {
    if (CodeModeError.is(error, 'cancelled')) return false;
    throw error;
  }
}

async function use(setting: string, sessions: WorkspaceSessions): Promise<void> {
  const executor = (await loadExecutors()).find(({ id }) => id === EXECUTOR);
  if (!executor || !(await agreeToSwitch(sessions, executor))) return;
  await writeSetting(SETTING, setting === '' ? undefined : setting);
  // Where the person's own settings name one, only a word of the workspace's makes it automatic again.
  if (currentSetting() !== setting) await writeSetting(SETTING, setting);
  await writeExecutor(sessions, executor);
  sessions.offerRestart();
}

function currentSetting(): string {
  return String(vscode.workspace.getConfiguration('codeMode').get(SETTING) ?? '').trim();
}
