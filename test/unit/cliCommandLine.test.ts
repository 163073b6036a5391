import assert from 'node:assert/strict';
import { ToolArgumentsError } from '../../src/core/contract/errors.ts';
import { checkCliConfig } from '../../src/core/tools/adapters/cli/check.ts';
import { programCall } from '../../src/core/tools/adapters/cli/commandLine.ts';
import { conventionOf } from '../../src/core/tools/adapters/cli/conventions.ts';
import { describeCli } from '../../src/core/tools/adapters/cli/parameters.ts';
import { shownCommand } from '../../src/core/tools/adapters/cli/shown.ts';
import type { ToolArgument } from '../../src/core/tools/tool.ts';
import { cliConfig } from '../support/cliTools.ts';

/** Options of every kind, in an order of their own. */
const SCHEMA = `
schema:
  options:
    silent: {type: boolean, short: s}
    header: {type: array, short: H}
    max-time: {type: integer}
    data: {type: string, short: d}
    fields: {type: array, separator: ','}
    sV: {type: string, short: sV}
    text: {}
    count: {type: integer, short: n}
  positional:
    - {name: url, required: true}
    - {name: more, type: array}
recipes:
  get:
    preset: {silent: true, data: x}
    params: {url: {}, max-time: {default: 7}}
  all: {}
`;

function argsOf(
  yaml: string,
  given: Readonly<Record<string, ToolArgument>>,
  recipe?: string,
): readonly string[] {
  return programCall(cliConfig(yaml), recipe, given).args;
}

const problemsOf = (yaml: string) =>
  checkCliConfig(cliConfig(yaml)).map(
    ({ severity, message, path }) => `${severity} ${path.join('.')}: ${message}`,
  );

describe('command lines of tools', () => {
  const tool = (command: string, extra = '') => `name: t\ncommand: ${command}\n${extra}\n${SCHEMA}`;

  it('have the options in the order of the file, then the positionals', () => {
    const given = { url: 'u', data: 'd', header: ['a', 'b'], silent: true, 'max-time': 5, more: ['v', 'w'] };
    assert.deepEqual(argsOf(tool('x'), given), [
      ...['-s', '-H', 'a', '-H', 'b', '--max-time', '5', '-d', 'd', 'u', 'v', 'w'],
    ]);
    assert.deepEqual(argsOf(tool('x'), { url: 'u', silent: false, header: [] }), ['u']);
    assert.deepEqual(argsOf(tool('x'), { url: 'u', fields: ['a', 2, 'c'] }), ['--fields', 'a,2,c', 'u']);
    assert.deepEqual(argsOf(tool('x'), { url: '', text: '' }), ['--text', '', '']);
  });

  it('take the call before the preset, and the preset before a default', () => {
    assert.deepEqual(argsOf(tool('x'), { url: 'u' }, 'get'), ['-s', '--max-time', '7', '-d', 'x', 'u']);
    const given = { url: 'u', silent: false, data: 'y', 'max-time': 1 };
    assert.deepEqual(argsOf(tool('x'), given, 'get'), ['--max-time', '1', '-d', 'y', 'u']);
    assert.deepEqual(argsOf(tool('x'), { url: 'u' }), ['u']);
    const yaml = `
name: t
schema: {options: {a: {default: 1}, b: {default: 1}, c: {default: 1}}}
recipes: {r: {preset: {c: 3}, params: {b: {default: 2}, c: {default: 2}}}}`;
    assert.deepEqual(argsOf(yaml, {}, 'r'), ['--a', '1', '--b', '2', '--c', '3']);
  });

  it('need what is required, also where it is an option', () => {
    const yaml =
      'name: t\nschema: {options: {key: {required: true}}}\nrecipes: {r: {}, p: {preset: {key: k}}}';
    assert.throws(() => argsOf(yaml, {}, 'r'), /tools\.t needs key/);
    assert.throws(() => argsOf(yaml, { key: null }), ToolArgumentsError);
    assert.deepEqual(argsOf(yaml, {}, 'p'), ['--key', 'k']);
  });

  it('have flags as the file writes them', () => {
    const yaml =
      'name: t\nschema: {options: {a: {type: boolean, flag: +a}, b: {flag: b=}, c: {flag: /c}}}\nrecipes: {r: {}}';
    assert.deepEqual(argsOf(yaml, { a: true, b: '-x', c: 'y' }), ['+a', 'b=-x', '/c', 'y']);
    assert.throws(() => argsOf(yaml, { c: '-y' }), ToolArgumentsError);
  });

  it('begin with the subcommand', () => {
    const yaml = `
name: t
subcommand: remote --verbose
schema: {options: {x: {type: boolean}}, positional: [{name: p}]}
recipes: {add: {subcommand: [add, "two words"]}}`;
    assert.deepEqual(argsOf(yaml, { x: true, p: 'q' }, 'add'), [
      ...['remote', '--verbose', 'add', 'two words', '--x', 'q'],
    ]);
  });

  it('let no positional turn into an option', () => {
    assert.deepEqual(argsOf(tool('grep'), { url: '-rf', silent: true }), ['-s', '--', '-rf']);
    assert.deepEqual(argsOf(tool('/usr/bin/curl'), { url: '--version' }), ['--', '--version']);
    assert.deepEqual(argsOf(tool('x', 'end_of_options: true'), { url: 'u', more: ['--'] }), [
      '--',
      'u',
      '--',
    ]);
    assert.deepEqual(argsOf(tool('x'), { url: '-' }), ['-']);
    for (const url of ['-x', '--', '-5', '--data=x']) {
      assert.throws(
        () => argsOf(tool('x'), { url }),
        (error) => error instanceof ToolArgumentsError && /end_of_options: true/.test(error.hint ?? ''),
      );
    }
    assert.throws(() => argsOf(tool('grep', 'end_of_options: false'), { url: '-x' }), ToolArgumentsError);
    assert.throws(() => argsOf(tool('x'), { url: 'u', more: ['a', '-x'] }), ToolArgumentsError);
    assert.throws(() => argsOf(tool('git'), { url: '-x' }), ToolArgumentsError);
  });

  it('let no value turn into an option', () => {
    const url = 'u';
    // With two dashes: one argument, in every program.
    assert.deepEqual(argsOf(tool('x'), { url, text: '-x' }), ['--text=-x', 'u']);
    assert.deepEqual(argsOf(tool('grep'), { url, text: '--' }), ['--text=--', 'u']);
    assert.deepEqual(argsOf(tool('x'), { url, 'max-time': -1 }), ['--max-time=-1', 'u']);
    assert.deepEqual(argsOf(tool('x'), { url, fields: ['-a', 'b'] }), ['--fields=-a,b', 'u']);
    // With one: where the program is known to take it.
    assert.deepEqual(argsOf(tool('grep'), { url, data: '-x' }), ['-d-x', 'u']);
    assert.deepEqual(argsOf(tool('grep'), { url, header: ['-a', 'b'] }), ['-H-a', '-H', 'b', 'u']);
    assert.throws(() => argsOf(tool('x'), { url, data: '-x' }), /data is "-x", which begins with "-"/);
    assert.throws(() => argsOf(tool('x'), { url, header: ['a', '-x'] }), ToolArgumentsError);
    assert.throws(() => argsOf(tool('grep'), { url, sV: '-x' }), ToolArgumentsError);
    // A number names no option.
    assert.deepEqual(argsOf(tool('x'), { url, count: -5 }), ['-n', '-5', 'u']);
    assert.deepEqual(argsOf(tool('grep'), { url, count: -5 }), ['-n-5', 'u']);
    // Curl takes the next argument, whatever it is, and knows no other form.
    assert.deepEqual(argsOf(tool('curl'), { url, data: '-x', text: '-y' }), [
      '-d',
      '-x',
      '--text',
      '-y',
      'u',
    ]);
    assert.deepEqual(argsOf(tool('x'), { url, data: '-' }), ['-d', '-', 'u']);
  });

  it('refuse what no argument can be', () => {
    assert.throws(() => argsOf(tool('x'), { url: 'a\0b' }), /url has a NUL/);
    assert.throws(() => argsOf(tool('x'), { url: 'u', text: Buffer.from('x') }), /text is bytes/);
    const yaml =
      'name: t\nschema: {options: {m: {choices: [a, 1]}, l: {type: array, enum: [p, q]}}}\nrecipes: {r: {}}';
    assert.deepEqual(argsOf(yaml, { m: '1', l: ['q'] }), ['--m', '1', '--l', 'q']);
    assert.throws(() => argsOf(yaml, { m: 'b' }), /m is "b", but it can only be a, 1/);
    assert.throws(() => argsOf(yaml, { l: ['p', 'x'] }), ToolArgumentsError);
  });

  it('leave the input empty where none is given, and take text, bytes and JSON', () => {
    const config = cliConfig('name: t\nschema: {stdin: {name: in}}\nrecipes: {r: {}}');
    const inputOf = (value: ToolArgument) => programCall(config, undefined, { in: value }).stdin;
    assert.equal(programCall(config, undefined, {}).stdin, undefined);
    assert.equal(inputOf(null), undefined);
    assert.deepEqual(inputOf('ä'), Buffer.from('ä'));
    assert.deepEqual(inputOf(new Uint8Array([0, 255])), new Uint8Array([0, 255]));
    assert.deepEqual(inputOf({ a: [1] }), Buffer.from('{"a":[1]}'));
  });

  it('are known of common programs, but not of those of Windows', () => {
    assert.equal(conventionOf('sort', undefined, 'linux').endOfOptions, true);
    assert.equal(conventionOf('sort', undefined, 'win32').endOfOptions, false);
    assert.equal(conventionOf('curl.exe', undefined, 'win32').endOfOptions, true);
    assert.equal(conventionOf('sort', true, 'win32').endOfOptions, true);
  });

  it('are shown as a person would type them', () => {
    const shown = (args: readonly string[], stdin?: Uint8Array, env = {}) =>
      shownCommand({ command: 'x', args, stdin }, env);
    assert.equal(
      shown(['-s', 'http://a/b?c=d', '', 'a b', "it's"]),
      String.raw`x -s 'http://a/b?c=d' '' 'a b' 'it'\''s'`,
    );
    assert.equal(shown(['a\nb\u202e\\']), String.raw`x $'a\nb\U0000202e\\'`);
    assert.equal(shown([], Buffer.from('a b')), "x <<< 'a b'");
    assert.match(shown([], Buffer.alloc(5000)), /^x < \(5000 bytes, SHA-256 [0-9a-f]{32}\)$/);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what is filled later.
    assert.equal(shown(['y'], undefined, { KEY: '${KEY}' }), "KEY='${KEY}' x y");
  });
});

describe('what a command-line tool says it can do', () => {
  const config = cliConfig(`name: t\ndescription: A tool\n${SCHEMA}`);

  it('has a callable for each recipe, and all of it for the tool itself', () => {
    const { callables, direct } = describeCli(config);
    assert.deepEqual(
      callables.map(({ name, parameters }) => [name, ...parameters.map((parameter) => parameter.name)]),
      [
        ['get', 'url', 'max_time', 'silent', 'data'],
        ['all', 'url', 'more', 'silent', 'header', 'max_time', 'data', 'fields', 'sV', 'text', 'count'],
      ],
    );
    assert.equal(direct?.name, 't');
    assert.equal(direct?.description, 'A tool');
    assert.equal(direct?.parameters.length, 10);
  });

  it('names what Python code can say, and what counts without it', () => {
    const [url, maxTime, silent] = describeCli(config).callables[0]!.parameters;
    assert.deepEqual(url, {
      name: 'url',
      originalName: 'url',
      type: 'string',
      description: '',
      required: true,
      schema: { type: 'string' },
    });
    assert.equal(maxTime?.originalName, 'max-time');
    assert.equal(maxTime?.default, 7);
    assert.equal(silent?.default, true);
    assert.equal(silent?.required, false);
  });

  it('shows what is required also where a recipe does not name it, and what a recipe says in its place', () => {
    const { callables } = describeCli(
      cliConfig(`
name: t
schema: {positional: [{name: a, required: true, description: old}, {name: b}]}
recipes: {r: {params: {b: {required: true, description: new}}}, s: {preset: {a: x}, params: {b: }}}`),
    );
    const shown = callables.map(({ parameters }) =>
      parameters.map(({ name, required, description }) => `${name} ${required} ${description}`),
    );
    assert.deepEqual(shown, [
      ['b true new', 'a true old'],
      ['b false ', 'a false old'],
    ]);
  });

  it('calls the recipe that is named like the tool', () => {
    const { direct } = describeCli(cliConfig('name: t\nrecipes: {t: {description: mine}}'));
    assert.equal(direct?.description, 'mine');
  });

  it('gives recipes names that are free', () => {
    const { callables } = describeCli(cliConfig('name: t\nrecipes: {list: {}, get-all: {}, import: {}}'));
    assert.deepEqual(
      callables.map(({ name }) => name),
      ['list_', 'get_all', 'import_'],
    );
  });
});

describe('the check of command-line tools', () => {
  it('finds nothing in what is right', () => {
    assert.deepEqual(problemsOf(`name: t\n${SCHEMA}`), []);
  });

  it('says what a person has to mend', () => {
    assert.deepEqual(
      problemsOf(`
name: t
command: git log
cwd: ~/x
schema:
  options:
    max-time: {type: integer, default: soon}
    max_time: {}
    mode: {choices: [a], default: b}
    verbose: {type: boolean, separator: ','}
  positional: [{name: p}, {name: p}]
recipes:
  get: {preset: {quiet: true, verbose: 1}, params: {p: {default: [1]}}}
  get_: {}
  list: {}
`),
      [
        'warning command: `command` is one program, not a command line: what follows it goes to `subcommand`.',
        'error cwd: There is no shell that fills ~ or variables: write a path from the workspace folder.',
        'error schema.options.max_time: In Python, max-time and max_time are both called max_time.',
        'error schema.positional.1: Two parameters are called p.',
        'warning recipes.list: tools.t.list is a method already: Python code calls this recipe list_.',
        'error schema.options.max-time.default: max-time is a whole number.',
        'error schema.options.mode.default: mode can only be a.',
        'warning schema.options.verbose.separator: `separator` is for `type: array` only.',
        'warning recipes.get.preset.quiet: There is no parameter quiet in the schema, so it is left out. There are: max-time, max_time, mode, verbose, p, p.',
        'error recipes.get.preset.verbose: verbose is a boolean: true or false.',
        'error recipes.get.params.p: p is one value, not a list.',
      ],
    );
    assert.match(problemsOf('name: t')[0] ?? '', /warning recipes: There is no recipe/);
  });
});
