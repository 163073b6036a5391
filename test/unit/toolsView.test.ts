import assert from 'node:assert/strict';
import type { ToolCallableInfo, ToolParameter, ToolStatus } from '../../src/core/contract/tools.ts';
import { parseToolDefinition } from '../../src/core/tools/definition/index.ts';
import { pythonLiteral } from '../../src/core/tools/pythonWords.ts';
import type { WorkspaceTool } from '../../src/ui/store/workspaceTools.ts';
import { callSnippet, callWith, callWithBlanks, formOf } from '../../src/ui/views/tools/calls.ts';
import { placeOfCallable } from '../../src/ui/views/tools/definitionPlace.ts';
import { TOOL_TEMPLATES } from '../../src/ui/views/tools/templates.ts';
import {
  callableMarkdown,
  describeCallable,
  describeParameter,
  describeTool,
  signatureOf,
  type Target,
  targetsOf,
  toolMarkdown,
} from '../../src/ui/views/tools/toolRow.ts';

function parameter(name: string, rest: Partial<ToolParameter> = {}): ToolParameter {
  const required = rest.required ?? false;
  return { name, originalName: name, type: 'string', description: '', schema: {}, ...rest, required };
}

const GET: ToolCallableInfo = {
  name: 'get_page',
  originalName: 'get-page',
  description: 'Fetches *one* page.\nWith its headers.',
  parameters: [
    parameter('url', { required: true, description: 'Where from.' }),
    parameter('max_time', { originalName: 'max-time', type: 'integer', default: 10 }),
    parameter('method', { schema: { enum: ['GET', 'HEAD'] } }),
    parameter('body', { type: 'bytes', required: true }),
  ],
  returns: 'string',
};
const DIRECT: ToolCallableInfo = { ...GET, name: 'web', originalName: 'web', parameters: [], returns: 'any' };

function tool(rest: Partial<WorkspaceTool> = {}, status: Partial<ToolStatus> = {}): WorkspaceTool {
  return {
    name: 'web',
    type: 'cli',
    uri: undefined,
    problems: [],
    approval: 'ask',
    status: {
      name: 'web',
      description: 'Fetches pages.\nFast.',
      tags: ['http'],
      callables: [GET],
      direct: null,
      problem: null,
      health: { state: 'ready', detail: '' },
      digest: '',
      hasServer: false,
      ...status,
    },
    ...rest,
  };
}

const target = (one = tool()): Target => targetsOf(one)[0] ?? assert.fail();
const row = (one: WorkspaceTool) => {
  const { label, description, icon, tone, context, spoken } = describeTool(one);
  return [label, description, icon, tone, context, spoken];
};
const problem = (severity: 'error' | 'warning', message: string) => ({
  severity,
  message,
  path: [],
  start: 0,
  end: 1,
});

describe('a tool in words', () => {
  it('is its name with what it is for', () => {
    assert.deepEqual(row(tool()), [
      'web',
      'Fetches pages.',
      'terminal',
      'plain',
      'tool definition ask',
      'web, command-line program, Fetches pages.',
    ]);
    assert.equal(describeTool(tool({ type: 'http' })).icon, 'globe');
    assert.equal(describeTool(tool({ type: 'extension' })).context, 'tool ask');
    assert.equal(describeTool(tool({ problems: [problem('warning', 'Odd.')] })).icon, 'warning');
  });

  it('says what its server does', () => {
    const server = (state: ToolStatus['health']['state'], detail = '') =>
      row(tool({ type: 'mcp' }, { hasServer: true, health: { state, detail } })).slice(1, 5);
    assert.deepEqual(server('ready'), [
      'Fetches pages.',
      'server-process',
      'plain',
      'tool definition server ask',
    ]);
    assert.deepEqual(server('starting').slice(0, 2), ['starting · Fetches pages.', 'loading~spin']);
    assert.deepEqual(server('running', 'everything 1.0'), [
      'running · Fetches pages.',
      'server-process',
      'plain',
      'tool definition server live ask',
    ]);
    assert.deepEqual(server('failed', 'There is no uvx.\nInstall it.'), [
      'failed: There is no uvx. · Fetches pages.',
      'error',
      'error',
      'tool definition server ask',
    ]);
  });

  it('says what is decided on its calls', () => {
    assert.deepEqual(row(tool({ approval: 'blocked' })).slice(1, 5), [
      'blocked · Fetches pages.',
      'circle-slash',
      'plain',
      'tool definition blocked',
    ]);
    assert.equal(describeTool(tool({ approval: 'allowed' })).description, 'allowed · Fetches pages.');
  });

  it('is the reason where it is broken', () => {
    const broken = tool({ type: '', status: undefined, problems: [problem('error', 'No `command`.')] });
    assert.deepEqual(row(broken), [
      'web',
      'No command.',
      'error',
      'error',
      'tool broken definition',
      'web, broken: No command.',
    ]);
    assert.match(toolMarkdown(broken), /^\*\*web\*\*\n\n\$\(error\) No command\\\./);
  });

  it('is told in whole in its tooltip', () => {
    const health = { state: 'failed', detail: 'It died.' } as const;
    assert.equal(
      toolMarkdown(tool({ type: 'mcp', approval: 'blocked' }, { health, problem: 'Not known.' })),
      [
        '**web**',
        'Fetches pages\\. Fast\\.',
        [
          'Kind: MCP server',
          'State: failed\\. It died\\.',
          'Callables: Not known\\.',
          'Approval: its calls are blocked',
          'Tags: http',
          'Defined in: the store of the workspace',
        ].join('  \n'),
      ].join('\n\n'),
    );
  });
});

describe('a callable in words', () => {
  it('is its name with what it does and takes', () => {
    const { label, description, icon, context, spoken } = describeCallable(target());
    assert.deepEqual(
      [label, description, icon, context],
      ['get_page', 'Fetches *one* page.', 'symbol-method', 'callable definition'],
    );
    assert.equal(spoken, 'get_page, parameters: url, max_time, method, body, Fetches *one* page.');
    const direct = tool({ approval: 'blocked' }, { direct: DIRECT });
    assert.deepEqual(
      targetsOf(direct).map(({ callable }) => callable),
      [DIRECT, GET],
    );
    assert.equal(describeCallable(target(direct)).label, 'web(…)');
    assert.equal(describeCallable(target(direct)).context, 'callable definition blocked');
  });

  it('has its signature and its parameters in the tooltip', () => {
    assert.equal(
      callableMarkdown(target()),
      [
        '```python\ntools.web.get_page(url: str, max_time: int = 10, method: str = ..., body: bytes) -> str\n```',
        'Fetches \\*one\\* page\\. With its headers\\.',
        '- `url`: Where from\\.',
        'The tool calls it get\\-page\\.',
      ].join('\n\n'),
    );
  });

  it('has parameters with type and default', () => {
    const rows = GET.parameters.map(describeParameter);
    assert.deepEqual(
      rows.map(({ label, description }) => [label, description]),
      [
        ['url:', 'str, required'],
        ['max_time:', 'int = 10'],
        ['method:', 'str, optional'],
        ['body:', 'bytes, required'],
      ],
    );
    assert.equal(rows[0]?.spoken, 'url, str, required, Where from.');
    assert.match(rows[1]?.tooltip ?? '', /max_time: int = 10[\s\S]*The tool calls it max\\-time\\\.$/);
    assert.match(rows[2]?.tooltip ?? '', /One of "GET", "HEAD"$/);
  });

  it('writes values as Python does', () => {
    assert.equal(
      pythonLiteral({ a: [null, true, false, 1.5], 'b"': 'é\n' }),
      '{"a": [None, True, False, 1.5], "b\\"": "é\\n"}',
    );
  });
});

describe('the call of a tool', () => {
  it('has the values that were given', () => {
    assert.equal(
      callWith(target(), [{ name: 'url', python: '"x"', json: '"x"' }]),
      'tools.web.get_page(url="x")',
    );
    assert.equal(callWith(target(tool({}, { direct: DIRECT })), []), 'tools.web()');
  });

  it('has a blank for what is required', () => {
    assert.equal(callWithBlanks(target()), 'tools.web.get_page(url="", body=b"")');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of snippets
    assert.equal(callSnippet(target()), 'tools.web.get_page(url=${1:""}, body=${2:b""})');
    assert.match(signatureOf(target()), /^tools\.web\.get_page\(url: str, /);
  });

  it('is asked for by a form', () => {
    const { title, submit, fields } = formOf(target());
    assert.deepEqual([title, submit], ['Try tools.web.get_page', 'Run']);
    assert.deepEqual(
      fields.map(({ name, type, description, required, default: value }) => [
        name,
        type,
        description,
        required,
        value,
      ]),
      [
        ['url', 'string', 'Where from.', true, ''],
        ['max_time', 'integer', '', false, '10'],
        ['method', 'string', '', false, ''],
        ['body', 'any', '', true, ''],
      ],
    );
  });
});

describe('a template', () => {
  for (const { label, text, first } of TOOL_TEMPLATES) {
    it(`is a tool without a fault: ${label}`, () => {
      const written = text('mine');
      const { name, definition, problems } = parseToolDefinition(written, '/workspace/tools/mine.yaml');
      assert.deepEqual([name, problems], ['mine', []]);
      assert.ok(definition);
      assert.ok(written.includes(first), `there is no ${first}`);
    });
  }
});

describe('the place of a callable', () => {
  const at = (text: string, name: string) => {
    const place = placeOfCallable(text, name);
    return place && [text.slice(0, place.start).split('\n').length, text.slice(place.start, place.end)];
  };

  it('is its recipe or its endpoint', () => {
    assert.deepEqual(at('name: a\nrecipes:\n  "get-page": {}\n', 'get-page'), [3, '"get-page"']);
    assert.deepEqual(at('endpoints:\n- {name: one}\n- path: /\n  name: two\n', 'two'), [4, 'two']);
  });

  it('is not known of what a server has', () => {
    assert.equal(at('type: mcp\n', 'echo'), undefined);
    assert.equal(at('endpoints: 5\nrecipes: [a]\n', 'echo'), undefined);
    assert.equal(at('a: [', 'echo'), undefined);
  });
});
