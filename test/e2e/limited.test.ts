import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Workbench } from './workbench.ts';

describe('a workspace that is not trusted', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open({ trusted: false });
    const store = path.join(workbench.folder, '.code-mode');
    await mkdir(path.join(store, 'tools'), { recursive: true });
    await writeFile(path.join(store, 'tools/echo.yaml'), 'name: echo\ncommand: echo\nrecipes: {say: {}}\n');
    await writeFile(path.join(store, 'requirements.txt'), 'six\n');
    await workbench.openFile('hello.py');
  });

  after(() => workbench?.close());

  it('says that Python is limited, and why nothing runs', async () => {
    await workbench.statusBarItem(/Python, limited/).waitFor();
    await workbench.runCommand('Code Mode: Run File');
    await workbench.notification('Python code only runs in a workspace that you trust.').waitFor();
    await workbench.screenshot('limited');
  });

  it('says in each view what is kept back', async () => {
    const { page } = workbench;
    await page.getByRole('tab', { name: 'Python Code Mode' }).click();
    const sideBar = page.locator('.part.sidebar');
    const showAlone = async (view: string) => {
      for (const name of ['Sessions', 'Workflows', 'Tools', 'Artifacts', 'Dependencies']) {
        const section = sideBar.getByRole('button', { name: `${name} Section` });
        const isOpen = (await section.getAttribute('aria-expanded')) === 'true';
        if (isOpen !== (name === view)) await section.click();
      }
    };
    await sideBar.getByRole('button', { name: 'Manage Workspace Trust' }).first().waitFor();
    await sideBar.getByText('Workflows are shown in a workspace that you trust.').waitFor();
    await sideBar.getByText('Tools run programs, so that they are shown and called only').waitFor();
    await workbench.screenshot('limited-views');
    await showAlone('Artifacts');
    await sideBar.getByText('Artifacts are shown in a workspace that you trust').waitFor();
    await workbench.screenshot('limited-artifacts');
    await showAlone('Dependencies');
    await sideBar.getByText('Installers run code of packages').waitFor();
    await workbench.screenshot('limited-deps');
  });

  it('is live as soon as it is trusted', async () => {
    const { page } = workbench;
    const message = workbench.notification('Python code only runs in a workspace that you trust.');
    await message.getByRole('button', { name: 'Manage Workspace Trust' }).click();
    await page.getByRole('button', { name: 'Trust', exact: true }).click();
    await workbench.statusBarItem('Restricted Mode').waitFor({ state: 'hidden' });
    await page.keyboard.press('Escape');
    await workbench.openFile('hello.py');
    await workbench.statusBarItem(/Python: Sandbox, not started/).waitFor();
    await workbench.runCommand('Code Mode: Run File');
    await workbench.waitForOutput(/The answer is 42/);
  });
});
