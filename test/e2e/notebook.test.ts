import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { notebookOf } from './notebooks.ts';
import { Workbench } from './workbench.ts';

const PICTURE = `import struct, zlib
from code_mode.display import Image

def png(width, height, colour):
    rows = b"".join(b"\\0" + b"".join(bytes(colour(x / width, y / height)) for x in range(width)) for y in range(height))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")

Image(png(360, 90, lambda x, y: (int(255 * x), int(160 * y), int(255 * (1 - x)))))`;

const TABLE = `from code_mode.display import HTML
rows = "".join(f"<tr><td>{n}</td><td>{n ** 2}</td><td>{n ** 3}</td></tr>" for n in range(1, 5))
HTML(f"<table><tr><th>n</th><th>n²</th><th>n³</th></tr>{rows}</table>")`;

const FORMATTED = `from code_mode.display import Markdown, Latex, SVG
display(Markdown("A **result** with a list:\\n\\n- one\\n- \`two\`"))
display(Latex(r"$$\\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2}$$"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' width='240' height='40'><circle cx='20' cy='20' r='16' fill='#3776ab'/><rect x='50' y='8' width='180' height='24' rx='6' fill='#ffd343'/></svg>"))`;

const PRINTED = `import sys
print("to stdout, with \\x1b[32mgreen\\x1b[0m and \\x1b[1mbold\\x1b[0m")
print("to stderr", file=sys.stderr)
{"answer": 42, "list": [1, 2, 3]}`;

describe('a notebook in a real workbench', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open({ viewport: { width: 1280, height: 1500 } });
    const notebooks = {
      'gallery.ipynb': notebookOf(PICTURE, TABLE, FORMATTED, PRINTED),
      'error.ipynb': notebookOf(
        'def mean(values):\n    return sum(values) / len(values)',
        'def report(rows):\n    return [mean(row) for row in rows]\n\nreport([[1, 2], []])',
        'try:\n    mean(None)\nexcept TypeError as error:\n    raise ValueError("No values to report") from error',
        'for x in range(3)\n    print(x)',
      ),
      'flood.ipynb': notebookOf('for i in range(100_000): print("line", i)'),
      'input.ipynb': notebookOf('name = input("What is your name? ")\nprint(f"Hello, {name}!")'),
      'loop.ipynb': notebookOf(
        'import sys, time\nfor i in range(200):\n    sys.stdout.write(f"\\r{i / 2:5.1f}% |{"#" * (i // 5):<40}|")\n    sys.stdout.flush()\n    time.sleep(0.1)',
      ),
    };
    for (const [name, content] of Object.entries(notebooks)) {
      await writeFile(path.join(workbench.folder, name), content);
    }
    await writeFile(
      path.join(workbench.folder, 'broken.py'),
      'def divide(x):\n    return 1 / x\n\n\ndivide(0)\n',
    );
  });

  after(() => workbench?.close());

  // Before a test and not after it, so that the picture of a failure shows something.
  beforeEach(async () => {
    await workbench.runCommand('File: Save All Files');
    await workbench.runCommand('View: Close All Editors');
  });

  it('renders rich output in every theme', async () => {
    await workbench.openNotebook('gallery.ipynb');
    await workbench.runCommand('Notebook: Select Notebook Kernel');
    const kernels = workbench.page.locator('.quick-input-widget').getByRole('option');
    await kernels.filter({ hasText: 'Sandbox' }).waitFor();
    await workbench.screenshot('notebook-kernels');
    await workbench.chooseItem('Python Code Mode');
    await workbench.runCommand('Notebook: Run All');
    await workbench.waitForOutput('to stderr');
    await workbench.waitForOutput(/'answer': 42/);
    const frame = await workbench.outputFrame('to stderr');
    await frame.locator('table').first().waitFor();
    await frame.locator('.katex').first().waitFor();
    const picture = frame.locator('img').first();
    await picture.waitFor();
    assert.equal(
      await picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
      360,
    );
    for (const theme of ['dark', 'high-contrast', 'light'] as const) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`notebook-${theme}`);
    }
  });

  it('shows coloured tracebacks that lead to the cell', async () => {
    const { page } = workbench;
    await workbench.openNotebook('error.ipynb');
    // Each run moves on to the next cell, which need not be in sight for a click.
    await workbench.cells().first().locator('.monaco-editor').first().click();
    for (let cell = 0; cell < 4; cell += 1) {
      await page.keyboard.press('Shift+Enter');
      await page.waitForTimeout(300);
    }
    await workbench.waitForOutput(/ZeroDivisionError/);
    await workbench.waitForOutput(/SyntaxError/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('ControlOrMeta+Home');
    for (const theme of ['dark', 'light'] as const) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`notebook-error-${theme}`);
    }
    const frame = await workbench.outputFrame(/ZeroDivisionError/);
    await frame.getByRole('link', { name: 'line 2' }).first().click();
    await workbench.statusBarItem(/^Cell 2 of /).waitFor();
  });

  it('leads from the traceback of a file to its line', async () => {
    await workbench.openFile('broken.py');
    await workbench.runCommand('Code Mode: Run File');
    await workbench.waitForOutput(/ZeroDivisionError/);
    await workbench.screenshot('interactive-error');
    const frame = await workbench.outputFrame(/ZeroDivisionError/);
    await frame.getByRole('link', { name: '2', exact: true }).first().click();
    await workbench.statusBarItem(/^Ln 2, /).waitFor();
  });

  it('cuts a flood, with a link to the whole', async () => {
    const { page } = workbench;
    await workbench.openNotebook('flood.ipynb');
    await workbench.runCommand('Notebook: Run All');
    await workbench.waitForOutput('100,000 lines in all');
    const link = await workbench.waitForOutput('Show whole output');
    await workbench.screenshot('notebook-cut');
    await link.click();
    await workbench.editorTab('Output 1 of flood.ipynb').waitFor();
    await page.locator('[data-uri^="code-mode-output"]').click();
    await page.keyboard.press('ControlOrMeta+End');
    await workbench.statusBarItem(/^Ln 100001, /).waitFor();
    await workbench.screenshot('notebook-whole-output');
  });

  it('asks for input', async () => {
    await workbench.openNotebook('input.ipynb');
    await workbench.runCommand('Notebook: Run All');
    await workbench.quickInput().waitFor();
    await workbench.screenshot('notebook-input');
    await workbench.answer('Ada');
    await workbench.waitForOutput('Hello, Ada!');
  });

  it('shows progress in place, and stops with the button of the cell', async () => {
    const { page } = workbench;
    await workbench.openNotebook('loop.ipynb');
    await workbench.runCommand('Notebook: Run All');
    await workbench.waitForOutput(/\d\.\d% \|#+/);
    await workbench.screenshot('notebook-running');
    await page
      .getByRole('button', { name: /Stop Cell Execution|Interrupt/ })
      .first()
      .click();
    await workbench.waitForOutput('KeyboardInterrupt');
    await workbench.screenshot('notebook-interrupted');
  });
});
