import { Workbench } from './workbench.ts';

describe('a workspace that is not trusted', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open({ trusted: false });
    await workbench.openFile('hello.py');
  });

  after(() => workbench?.close());

  it('says that Python is limited, and why nothing runs', async () => {
    await workbench.statusBarItem(/Python, limited/).waitFor();
    await workbench.runCommand('Code Mode: Run File');
    await workbench.notification('Python code only runs in a workspace that you trust.').waitFor();
    await workbench.screenshot('limited');
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
