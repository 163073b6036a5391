import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Frame, Locator, Page } from 'playwright-core';
import { openBrowser } from '../../scripts/lib/browser.mjs';
import { endSessionHosts } from '../../scripts/lib/session-hosts.mjs';
import { ensureServer, startServer } from '../../scripts/lib/vscode-server.mjs';

/** This module is bundled to out/test/e2e/: the project is three folders up from there. */
const ROOT = path.resolve(__dirname, '../../..');
const READY_MS = 60_000;
/** Milliseconds that a hover has to go when the pointer has left what it is of. */
const HOVER_MS = 3_000;
/** How long a window may take to do what it was told before it is told again. */
const NOTICED_MS = 5_000;

/** What a theme is called in the settings and in the list of themes, and the class that the workbench then has. */
const THEMES = {
  light: { id: 'Default Light Modern', label: 'Light Modern', kind: 'vs' },
  dark: { id: 'Default Dark Modern', label: 'Dark Modern', kind: 'vs-dark' },
  'high-contrast': { id: 'Default High Contrast', label: 'Dark High Contrast', kind: 'hc-black' },
  'high-contrast-light': {
    id: 'Default High Contrast Light',
    label: 'Light High Contrast',
    kind: 'hc-light',
  },
} as const;

/** A colour theme by what it is for. */
export type Theme = keyof typeof THEMES;

/** How to open a {@link Workbench}. */
export interface WorkbenchOptions {
  /** The folder under test/fixtures/ that is copied and opened; `workspace` unless told. */
  fixture?: string;
  /** User settings, over the ones that keep the workbench quiet. */
  settings?: Record<string, unknown>;
  /** Settings of the machine, where those belong that are about its programs. */
  machineSettings?: Record<string, unknown>;
  theme?: Theme;
  /** Whether the opened folder is trusted; in one that is not, VS Code is in restricted mode. Default yes. */
  trusted?: boolean;
  /** The size of the window. */
  viewport?: { width: number; height: number };
  /** Environment variables that the extension host sees besides this process's. */
  env?: Record<string, string>;
}

/** How to take a picture. */
export interface ScreenshotOptions {
  /** The part to show; the whole window unless told. */
  part?: Locator;
  /** Leaves the pointer where it is, so that what it hovers over is in the picture. */
  keepPointer?: boolean;
}

/** Keeps out of the pictures, and of the way of the keyboard, what VS Code shows to newcomers. */
const QUIET = {
  'chat.commandCenter.enabled': false,
  'editor.cursorBlinking': 'solid',
  'extensions.ignoreRecommendations': true,
  'files.simpleDialog.enable': true,
  'git.enabled': false,
  'security.workspace.trust.banner': 'never',
  'security.workspace.trust.startupPrompt': 'never',
  'telemetry.telemetryLevel': 'off',
  'window.autoDetectColorScheme': false,
  'window.autoDetectHighContrast': false,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/**
 * A real VS Code workbench with the extension from this project's folder, in a headless browser.
 *
 * Each one has a server, a copy of a fixture folder and settings of its own, so tests cannot disturb each other;
 * `close()` (or `await using`) leaves nothing of it behind. What is not here is found with `page` by role and label.
 */
export class Workbench implements AsyncDisposable {
  private static readonly opened = new Set<Workbench>();

  private constructor(
    /** Playwright's page, for everything that has no helper. */
    readonly page: Page,
    /** The opened folder: a copy, free to be changed. */
    readonly folder: string,
    /** What XDG_DATA_HOME is for the extension. */
    readonly dataHome: string,
    private readonly settingsFile: string,
    private readonly dispose: () => Promise<void>,
  ) {}

  /** Starts VS Code and waits until its workbench is there and the extensions that start with it have started. */
  static async open(options: WorkbenchOptions = {}): Promise<Workbench> {
    const scratch = await mkdtemp(path.join(os.tmpdir(), 'e2e-'));
    const folder = path.join(scratch, 'workspace');
    const settingsFile = path.join(scratch, 'user/User/settings.json');
    await cp(path.join(ROOT, 'test/fixtures', options.fixture ?? 'workspace'), folder, { recursive: true });
    await mkdir(path.dirname(settingsFile), { recursive: true });
    const settings = {
      ...QUIET,
      'workbench.colorTheme': THEMES[options.theme ?? 'light'],
      ...options.settings,
    };
    await writeFile(settingsFile, JSON.stringify(settings, null, 2));
    const machineFile = path.join(scratch, 'user/Machine/settings.json');
    await mkdir(path.dirname(machineFile));
    await writeFile(machineFile, JSON.stringify(options.machineSettings ?? {}));

    // Where the extension keeps what it knows of interpreters and live sessions: nothing of it stays with the person.
    const dataHome = path.join(scratch, 'data');
    const stack: (() => Promise<unknown>)[] = [
      () => rm(scratch, { recursive: true, force: true, maxRetries: 3 }),
      () => endSessionHosts(dataHome),
    ];
    const dispose = async () => {
      for (let release = stack.pop(); release; release = stack.pop()) await release();
    };
    try {
      const server = await startServer({
        server: await ensureServer(ROOT),
        userDataDir: path.join(scratch, 'user'),
        extensionsDir: path.join(scratch, 'extensions'),
        folder,
        extensionPath: ROOT,
        workspaceTrust: options.trusted === false,
        env: { XDG_DATA_HOME: dataHome, XDG_CACHE_HOME: path.join(scratch, 'cache'), ...options.env },
      });
      stack.push(() => server.stop());
      const browser: Browser = await openBrowser();
      stack.push(() => browser.close());
      const page = await browser.newPage({ viewport: options.viewport ?? { width: 1280, height: 800 } });
      page.setDefaultTimeout(30_000);
      await page.goto(server.url);
      const workbench = new Workbench(page, folder, dataHome, settingsFile, dispose);
      Workbench.opened.add(workbench);
      stack.push(async () => Workbench.opened.delete(workbench));
      await workbench.ready();
      return workbench;
    } catch (error) {
      await dispose();
      throw error;
    }
  }

  /** Opens another window of the same folder; it is closed with this one. */
  async another(): Promise<Workbench> {
    const browser = this.page.context().browser();
    if (!browser) throw new Error('The browser is gone.');
    const page = await browser.newPage({ viewport: this.page.viewportSize() });
    page.setDefaultTimeout(30_000);
    const workbench = new Workbench(page, this.folder, this.dataHome, this.settingsFile, () => page.close());
    await page.goto(this.page.url());
    await workbench.ready();
    return workbench;
  }

  /** Takes a picture of every workbench that is open, so that a failure can be looked at. */
  static async pictureAll(name: string): Promise<void> {
    for (const workbench of Workbench.opened) {
      console.log(`      picture: ${await workbench.screenshot(name)}`);
    }
  }

  /** Ends browser, server and all that ran in them, and removes the copied folder. */
  async close(): Promise<void> {
    await this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Reloads the window, as the command of that name does, and waits until it is back. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** Runs a command by the title that the palette shows, such as `Code Mode: Run Cell`. */
  async runCommand(title: string): Promise<void> {
    await this.insist(async () => {
      await this.page.keyboard.press('F1');
      try {
        await this.quickInput().fill(`>${title}`, { timeout: NOTICED_MS });
        await this.item(title).waitFor({ timeout: NOTICED_MS });
      } catch (error) {
        // After VS Code's start some commands are enabled late, and a palette that is open does not notice.
        await this.page.keyboard.press('Escape');
        throw error;
      }
    });
    await this.item(title).click();
  }

  /** Opens a file of the folder in an editor, by its path in the folder. */
  async openFile(file: string): Promise<void> {
    await this.insist(async () => {
      await this.page.keyboard.press('ControlOrMeta+P');
      await this.quickInput().fill(file, { timeout: NOTICED_MS });
    });
    await this.item(path.basename(file)).click();
    await this.editorTab(path.basename(file)).waitFor();
  }

  /** Opens a notebook of the folder, and waits until its cells are there. */
  async openNotebook(file: string): Promise<void> {
    await this.openFile(file);
    await this.cells().first().waitFor();
  }

  /** The tab of an open editor. */
  editorTab(name: string): Locator {
    return this.page.getByRole('tab', { name });
  }

  /** Puts the cursor of the active text editor at a place; both count from 1. */
  async placeCursor(line: number, column = 1): Promise<void> {
    // The status bar tells the place as soon as there is an editor that can be given another one.
    await this.statusBarItem(/^Ln \d+, Col \d+/).waitFor();
    await this.page.keyboard.press('Control+G');
    await this.quickInput().fill(`:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await this.quickInput().waitFor({ state: 'hidden' });
    await this.statusBarItem(new RegExp(`^Ln ${line}, Col ${column}`)).waitFor();
  }

  /** Selects whole lines of the active text editor, the first and the last included. */
  async selectLines(first: number, last: number): Promise<void> {
    await this.placeCursor(first);
    for (let line = first; line < last; line++) await this.page.keyboard.press('Shift+ArrowDown');
    await this.page.keyboard.press('Shift+End');
    await this.statusBarItem(/selected\)/).waitFor();
  }

  /** All cells of the active notebook or Interactive Window. */
  cells(): Locator {
    return this.page.getByRole('listitem', { name: /(code|markdown|markup) cell/i });
  }

  /** Chooses, by its name, the kernel that runs the active notebook. */
  async selectKernel(name: string): Promise<void> {
    await this.runCommand('Notebook: Select Notebook Kernel');
    await this.chooseItem(name);
  }

  /** The frame in which VS Code shows the outputs of notebook cells, as soon as one of them contains the text. */
  async outputFrame(text: string | RegExp, timeoutMs = READY_MS): Promise<Frame> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      for (const frame of this.page.frames()) {
        // Frames come and go while outputs are drawn; one that is gone contains nothing.
        if (await matches(frame, text)) return frame;
      }
      if (Date.now() > deadline) throw new Error(`No output shows ${text} after ${timeoutMs} ms`);
      await this.page.waitForTimeout(100);
    }
  }

  /** Waits until an output of a notebook or of the Interactive Window shows the text. */
  async waitForOutput(text: string | RegExp, timeoutMs = READY_MS): Promise<Locator> {
    return (await this.outputFrame(text, timeoutMs)).getByText(text).first();
  }

  /** An item of the status bar, by the label that is read out for it or shown in it. */
  statusBarItem(label: string | RegExp): Locator {
    const bar = this.page.locator('.part.statusbar');
    return bar.getByRole('button', { name: label }).or(bar.getByText(label)).first();
  }

  /** What the status bar shows, from left to right. */
  async statusBarTexts(): Promise<string[]> {
    const texts = await this.page.locator('.part.statusbar .statusbar-item').allInnerTexts();
    return texts.map((text) => text.trim()).filter(Boolean);
  }

  /** A notification that contains the text; its buttons are found in it by role. */
  notification(text: string | RegExp): Locator {
    return this.page
      .getByRole('dialog')
      .filter({ hasText: text })
      .or(this.page.locator('.notification-toast').filter({ hasText: text }))
      .first();
  }

  /** The field of the quick pick or input box that is open. */
  quickInput(): Locator {
    return this.page
      .locator('.quick-input-widget')
      .getByRole('textbox')
      .or(this.page.locator('.quick-input-widget').getByRole('combobox'))
      .first();
  }

  /** Answers an input box. */
  async answer(text: string): Promise<void> {
    await this.quickInput().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Chooses an item of the quick pick that is open, by its label. */
  async chooseItem(label: string): Promise<void> {
    // A long list holds only the items in sight: typing brings the one that is meant.
    await this.quickInput().fill(label);
    await this.item(label).click();
  }

  /** The page of the form that is open, once it is there. */
  async formFrame(): Promise<Frame> {
    for (;;) {
      for (const frame of this.page.frames()) {
        const isForm = await frame
          .locator('form#form')
          .isVisible()
          .catch(() => false);
        if (isForm) return frame;
      }
      await this.page.waitForTimeout(100);
    }
  }

  /** Shows the window in another theme from now on. */
  async setTheme(theme: Theme): Promise<void> {
    const { label, kind } = THEMES[theme];
    await this.runCommand('Preferences: Color Theme');
    await this.chooseItem(label);
    await this.page.locator(`.monaco-workbench.${kind}`).waitFor();
  }

  /** Changes user settings and reloads the window: this VS Code reads them only when it starts. */
  async changeSettings(settings: Record<string, unknown>): Promise<void> {
    const before: Record<string, unknown> = JSON.parse(await readFile(this.settingsFile, 'utf8'));
    await writeFile(this.settingsFile, JSON.stringify({ ...before, ...settings }, null, 2));
    await this.reload();
  }

  /** Takes a picture of the window, or of a part of it, as `out/screenshots/NAME.png`, and tells where it is. */
  async screenshot(name: string, { part, keepPointer }: ScreenshotOptions = {}): Promise<string> {
    const file = path.join(ROOT, 'out/screenshots', `${name}.png`);
    if (!keepPointer) {
      await this.page.mouse.move(1, 1);
      // One that belongs to what has the keyboard's focus stays, and is part of the picture.
      const hover = this.page.locator('.workbench-hover');
      await hover.waitFor({ state: 'hidden', timeout: HOVER_MS }).catch(() => undefined);
    }
    await (part ?? this.page).screenshot({ path: file, animations: 'disabled' });
    return file;
  }

  /** An item of the quick pick that is open. */
  private item(label: string): Locator {
    const items = this.page.locator('.quick-input-widget').getByRole('option');
    return items.filter({ hasText: label }).first();
  }

  /** Does it again until it works, as a person does whom a window has not heard that is still busy. */
  private async insist(act: () => Promise<void>): Promise<void> {
    for (const deadline = Date.now() + READY_MS; ; ) {
      try {
        return await act();
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  }

  private async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: READY_MS });
    const explorer = this.page
      .getByRole('tablist', { name: 'Active View Switcher' })
      .getByRole('tab', { name: 'Explorer' });
    // A window that is reloaded comes back with the view that was shown, sometimes after another one was chosen.
    await this.insist(async () => {
      const isShown = await explorer.getAttribute('aria-selected', { timeout: NOTICED_MS });
      if (isShown !== 'true') await explorer.click({ timeout: NOTICED_MS });
      await this.page.getByRole('tree', { name: 'Files Explorer' }).waitFor({ timeout: NOTICED_MS });
    });
    // The theme comes from an extension: once it is there, so are the others.
    await this.page.locator('.monaco-workbench[class*="vscode-theme-"]').waitFor({ timeout: READY_MS });
  }
}

afterEach(async function () {
  if (this.currentTest?.state !== 'failed') return;
  await Workbench.pictureAll(`failed ${this.currentTest.fullTitle()}`.replace(/\W+/g, '-'));
});

async function matches(frame: Frame, text: string | RegExp): Promise<boolean> {
  if (!frame.url().includes('/webview/browser/pre/fake.html')) return false;
  return frame
    .getByText(text)
    .first()
    .isVisible()
    .catch(() => false);
}
