import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Workbench } from './workbench.ts';

const EVERYTHING = path.resolve(
  __dirname,
  '../../../node_modules/@modelcontextprotocol/server-everything/dist/index.js',
);

const FILES: Readonly<Record<string, string>> = {
  jq: `name: jq
description: Reads and changes JSON.
command: jq
tags: [json]
schema:
  options:
    compact-output: {type: boolean, short: c, description: One line each.}
    indent: {type: integer, default: 2, description: Blanks for each level.}
  positional:
    - {name: filter, type: string, required: true, description: What is wanted of it.}
  stdin: {name: data, description: The JSON that is read., required: true}
recipes:
  query:
    description: What a filter gives of some JSON.
    params: {filter: {}, data: {}, indent: {}}
`,
  everything: `name: everything
type: mcp
transport: stdio
description: Shows all that an MCP server can do.
command: node
args: [${JSON.stringify(EVERYTHING)}, stdio]
`,
  gone: 'name: gone\ntype: mcp\ndescription: Its program is not there.\ncommand: no-such-program\n',
  pets: `name: pets
type: http
description: A shop for pets.
base_url: http://127.0.0.1:9/v1
endpoints:
  - {name: list_pets, path: /pets, description: All pets., query: {limit: {type: integer}}}
`,
  unfinished: 'name: unfinished\ntype: mcp\ntransport: stdio\n',
};

describe('tools in a real workbench', () => {
  let workbench: Workbench;
  let folder: string;

  before(async () => {
    workbench = await Workbench.open({
      settings: { 'editor.minimap.enabled': false, 'workbench.tree.enableStickyScroll': false },
    });
    folder = path.join(workbench.folder, '.code-mode/tools');
    await writeFile(path.join(workbench.folder, 'calls.py'), 'answer = \n');
  });

  after(() => workbench?.close());

  const sideBar = () => workbench.page.locator('.part.sidebar');
  const row = (name: RegExp) => sideBar().getByRole('treeitem', { name });

  it('says what a tool is where there is none', async () => {
    const { page } = workbench;
    await page.getByRole('tab', { name: 'Python Code Mode' }).click();
    // The other views leave it little room.
    for (const name of ['Sessions', 'Workflows', 'Artifacts']) {
      await sideBar()
        .getByRole('button', { name: `${name} Section` })
        .click();
    }
    await sideBar().getByText('There are no tools yet').waitFor();
    await sideBar().getByRole('button', { name: 'New Tool' }).last().waitFor();
    const config = {
      servers: { memory: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-memory'] } },
    };
    await mkdir(path.join(workbench.folder, '.vscode'), { recursive: true });
    await writeFile(path.join(workbench.folder, '.vscode/mcp.json'), JSON.stringify(config, null, 2));
    await sideBar().getByRole('button', { name: 'Add MCP Servers as Tools' }).waitFor();
    await workbench.screenshot('tools-empty');
  });

  it('begins one from a template', async () => {
    const { page } = workbench;
    await workbench.runCommand('Code Mode: New Tool');
    await page.getByRole('option', { name: /MCP Server \(stdio\)/ }).waitFor();
    await workbench.screenshot('tools-new', { keepPointer: true });
    await workbench.chooseItem('HTTP API from an OpenAPI Document');
    await page.getByText('New Tool: HTTP API from an OpenAPI Document').waitFor();
    await workbench.quickInput().fill('class');
    await page.getByText('use a Python identifier').waitFor();
    await workbench.screenshot('tools-new-name', { keepPointer: true });
    await workbench.answer('shop');
    await workbench.editorTab('shop.yaml').waitFor();
    await row(/^shop,/).waitFor();
    await workbench.screenshot('tools-new-file');
    await row(/^shop,/).click();
    await row(/^shop,/).press('Delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Move to Trash' }).click();
    const forGood = page.getByRole('dialog').getByRole('button', { name: 'Delete Permanently' });
    await forGood.or(sideBar().getByText('There are no tools yet')).first().waitFor();
    if (await forGood.isVisible()) await forGood.click();
    await row(/^shop,/).waitFor({ state: 'detached' });
  });

  it('shows tools of every kind, broken ones with the reason', async () => {
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(FILES))
      await writeFile(path.join(folder, `${name}.yaml`), text);
    await row(/^jq, command-line program, Reads/).waitFor();
    await row(/^unfinished, broken: /).waitFor();
    const press = async (name: RegExp, key: string) => {
      await row(name).click();
      await row(name).press(key);
    };
    await press(/^jq, command/, 'ArrowRight');
    await press(/^query, parameters: /, 'ArrowRight');
    await row(/^filter, str, required/).waitFor();
    await press(/^gone,/, 'ArrowRight');
    await row(/^Start the server/).click();
    await row(/^gone, MCP server, failed/).waitFor();
    await press(/^gone,/, 'ArrowLeft');
    await press(/^everything,/, 'ArrowRight');
    await row(/^Start the server/).click();
    await row(/^everything, MCP server, running/).waitFor();
    await row(/^echo, /).waitFor();
    // What is out of sight is not there.
    await press(/^query, parameters: /, 'ArrowLeft');
    await press(/^MCP servers that VS Code knows/, 'ArrowRight');
    await row(/^memory, /).waitFor();
    await workbench.screenshot('tools-light');
    for (const theme of ['dark', 'high-contrast', 'high-contrast-light'] as const) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`tools-${theme}`);
    }
    await workbench.setTheme('light');
    await row(/^memory, /).click();
    await row(/^memory, /).press('Home');
    await workbench.page.keyboard.press('ArrowLeft');
    await row(/^echo, /).waitFor({ state: 'detached' });
  });

  it('has all there is to know in the tooltips', async () => {
    const { page } = workbench;
    await row(/^jq, command/).hover();
    await page.locator('.workbench-hover').filter({ hasText: 'Kind: command-line program' }).waitFor();
    await workbench.screenshot('tools-tooltip', { keepPointer: true });
    await row(/^query,/).hover();
    await page.locator('.workbench-hover').filter({ hasText: 'tools.jq.query(' }).waitFor();
    await workbench.screenshot('tools-tooltip-callable', { keepPointer: true });
  });

  it('calls one with what was typed into a form', async () => {
    await row(/^query,/).click({ button: 'right' });
    await workbench.screenshot('tools-menu-callable', { keepPointer: true });
    await workbench.page.getByRole('menu').last().getByText('Try It…').click();
    const form = await workbench.formFrame();
    await form.getByLabel('filter', { exact: true }).fill('.names[1]');
    await form.getByLabel('data', { exact: true }).fill('{"names": ["Ada", "Grace"]}');
    await workbench.screenshot('tools-form');
    await form.getByLabel('filter', { exact: true }).press('Enter');
    await workbench.waitForOutput('Grace');
    await workbench.screenshot('tools-result');
  });

  it('writes a call where the cursor is', async () => {
    const { page } = workbench;
    await workbench.openFile('calls.py');
    await workbench.placeCursor(1, 10);
    await row(/^query,/).hover();
    await row(/^query,/)
      .getByRole('button', { name: 'Insert Call at Cursor' })
      .click();
    await page.locator('.view-lines').getByText('query').first().waitFor();
    await workbench.screenshot('tools-insert');
    await page.keyboard.press('Escape');
  });

  it('has a menu for the server of a tool, and follows its log', async () => {
    const { page } = workbench;
    await row(/^everything,/).click({ button: 'right' });
    await page.getByRole('menu').last().getByText('Restart Server').waitFor();
    await workbench.screenshot('tools-menu', { keepPointer: true });
    await page.getByRole('menu').last().getByText('Show Server Log').click();
    await workbench.editorTab('everything.log').waitFor();
    await page.locator('.view-lines').getByText(/\w/).first().waitFor();
    await workbench.screenshot('tools-log');
  });

  it('blocks a tool, and says so', async () => {
    const { page } = workbench;
    await row(/^jq, command/).click({ button: 'right' });
    // A menu that has just come up takes no click.
    await workbench.screenshot('tools-menu-approval', { keepPointer: true });
    await page.getByRole('menu').last().getByText('Block', { exact: true }).click();
    await row(/^jq, command-line program, blocked/).waitFor();
    await workbench.screenshot('tools-blocked');
  });

  it('finds tools and what of them can be called', async () => {
    const { page } = workbench;
    await workbench.runCommand('Code Mode: Search Tools');
    await workbench.quickInput().fill('pets');
    await page.getByRole('option', { name: /tools\.pets\.list_pets/ }).waitFor();
    await workbench.screenshot('tools-search', { keepPointer: true });
    await page.keyboard.press('Escape');
  });
});
