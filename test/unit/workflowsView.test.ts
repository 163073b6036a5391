import assert from 'node:assert/strict';
import { analyseWorkflow } from '../../src/core/workflows/analysis.ts';
import type { WorkflowSummary } from '../../src/core/workflows/library.ts';
import { typesOf } from '../../src/ui/editor/workflowTypes.ts';
import { formPage } from '../../src/ui/forms/formPage.ts';
import { excerptMarkdown } from '../../src/ui/views/markdown.ts';
import { firstRows } from '../../src/ui/views/pages.ts';
import { callSnippet, callWith, callWithBlanks, formOf } from '../../src/ui/views/workflows/calls.ts';
import { describeWorkflow, signatureOf, workflowMarkdown } from '../../src/ui/views/workflows/workflowRow.ts';

const SOURCE = `"""Fetches *titles*."""


async def run(url: str, limit: int = 10, headers: dict = {}, extra=None):
    """Fetches.

    Args:
        url: Where from.
    """
`;

function summary(source: string, name = 'fetch'): WorkflowSummary {
  return { name, ...analyseWorkflow(name, source) };
}

describe('a workflow in words', () => {
  it('is its name with its parameters', () => {
    const row = describeWorkflow(summary(SOURCE));
    assert.deepEqual(
      [row.label, row.description, row.problem, row.context],
      ['fetch', 'url, limit = 10, headers = {}, extra = None', undefined, 'workflow'],
    );
    assert.equal(
      row.spoken,
      'fetch, parameters: url, limit = 10, headers = {}, extra = None, Fetches *titles*.',
    );
    assert.deepEqual(
      row.parameters.map(({ label, description, tooltip }) => [label, description, tooltip]),
      [
        ['url', 'str', 'Where from.'],
        ['limit', 'int = 10', 'limit: optional'],
        ['headers', 'dict = {}', 'headers: optional'],
        ['extra', 'any = None', 'extra: optional'],
      ],
    );
  });

  it('is the reason where it is broken', () => {
    const row = describeWorkflow(summary('def run(): pass'));
    assert.equal(row.context, 'workflow broken');
    assert.match(row.description, /^run is a plain function/);
    assert.match(row.spoken, /^fetch, broken: run is a plain function/);
  });

  it('is told in whole in its tooltip', () => {
    const text = workflowMarkdown(summary(SOURCE));
    assert.match(
      text,
      /^```python\nfetch\(url: str, limit: int = 10, headers: dict = \{\}, extra=None\)\n```/,
    );
    assert.match(text, /Fetches \\\*titles\\\*\\\./);
    assert.match(text, /- `url`: Where from\\\.$/);
    assert.match(workflowMarkdown(summary('def run(): pass')), /\$\(error\) run is a plain function/);
  });

  it('shows the first lines of its source, whatever they say', () => {
    const excerpt = excerptMarkdown(`${'x\n'.repeat(30)}`, 'python').split('\n');
    assert.deepEqual([excerpt.length, excerpt.at(-2)], [23, '…']);
    assert.equal(excerptMarkdown('"""```"""', 'python'), '````python\n"""```"""\n````');
  });
});

describe('the call of a workflow', () => {
  it('has the values that were given', () => {
    const value = (name: string, python: string) => ({ name, python, json: undefined });
    assert.equal(callWith('fetch', []), 'workflows.fetch()');
    assert.equal(
      callWith('fetch', [value('url', '"#\\n"'), value('limit', '1')]),
      'workflows.fetch(url="#\\n", limit=1)',
    );
    assert.equal(
      callWith('fetch', [value('url', 'a # b'), value('limit', '1')]),
      'workflows.fetch(url=(\na # b\n), limit=1)',
    );
    assert.equal(callWith('fetch', [value('url', '"a" + b # "')]), 'workflows.fetch(url=(\n"a" + b # "\n))');
  });

  it('has a blank for what is required', () => {
    const workflow = summary('async def run(a: str, b: int, c: dict, d, e=1): pass');
    assert.equal(callWithBlanks(workflow), 'workflows.fetch(a="", b=0, c={}, d=None)');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of snippets
    assert.equal(callSnippet(workflow), 'workflows.fetch(a=${1:""}, b=${2:0}, c=${3:{\\}}, d=${4:None})');
    assert.equal(signatureOf(workflow), 'fetch(a: str, b: int, c: dict, d, e=1)');
  });
});

describe('the page of a form', () => {
  const form = formOf(summary('async def run(a: str, b: bool = True, c: list = ["<&>"], d=None): "x"'));
  const page = formPage({ form, script: 'https://host/dist/form.js', nonce: 'abc' });

  it('has a label, a description and a place for errors for each field', () => {
    for (const [index, { name }] of form.fields.entries()) {
      assert.match(page, new RegExp(`<label for="control-${index}">${name}</label>`));
      assert.match(
        page,
        new RegExp(
          `id="control-${index}" name="${name}"[^>]*aria-describedby="meta-${index} error-${index}"`,
        ),
      );
    }
    assert.equal(page.match(/role="alert"/g)?.length, 4);
    assert.equal(page.match(/type="checkbox"/g)?.length, 1);
    assert.match(page, /<option value="">Default \(True\)<\/option>/);
  });

  it('shows text as text, and runs nothing but its script', () => {
    assert.ok(page.includes('[&#34;&#60;&#38;&#62;&#34;]'));
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1];
    assert.equal(policy, "default-src 'none'; style-src 'nonce-abc'; script-src 'nonce-abc' https://host");
    assert.ok(!/ on[a-z]+=| style=/.test(page));
  });
});

describe('what the parts of the view share', () => {
  it('shows so many rows and tells how many are left', () => {
    assert.deepEqual(firstRows([1, 2, 3], 2), { rows: [1, 2], more: 1 });
    assert.deepEqual(firstRows([1, 2], 2), { rows: [1, 2], more: 0 });
  });

  it('tells the type of a default', () => {
    const first = (text?: string) => typesOf(text)[0];
    assert.deepEqual(
      ['"a"', "f'a'", 'b""', 'True', '10', '-1_0,', '1.5', '.5', '1e3', '[]', '{}', 'None)', 'x'].map(first),
      [
        'str',
        'str',
        'bytes',
        'bool',
        'int',
        'int',
        'float',
        'float',
        'float',
        'list',
        'dict',
        'str | None',
        'str',
      ],
    );
    assert.ok(typesOf(undefined).includes('int'));
  });
});
