import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import { parseToolDefinition } from '../../src/core/tools/definition/index.ts';
import { parseHelp } from '../../src/core/tools/fromHelp/helpText.ts';
import { definitionFromHelp } from '../../src/core/tools/fromHelp/index.ts';
import { toolFromHelp } from '../../src/core/tools/fromHelp/writeDefinition.ts';
import { writeScript } from '../support/programs.ts';

/** What a help text is read as: options and positionals in short. */
function read(text: string, ...words: string[]) {
  const { description, options, positionals, subcommands } = parseHelp(text, words);
  return {
    description,
    options: options.map(({ name, value, required, several, choices }) => {
      const kind = value === undefined ? '' : `=${choices.length > 0 ? choices.join('|') : value}`;
      return `${name}${kind}${several ? '...' : ''}${required ? '!' : ''}`;
    }),
    positionals: positionals.map(
      ({ name, required, several }) => `${name}${several ? '...' : ''}${required ? '!' : ''}`,
    ),
    subcommands: subcommands.map(({ name }) => name),
  };
}

/** The definition that is made of a help text; there is nothing wrong with it. */
function made(text: string, ...words: string[]) {
  const tool = toolFromHelp(words, `${words.join(' ')} --help`, parseHelp(text, words));
  const yaml = tool.text(tool.name);
  assert.deepEqual(parseToolDefinition(yaml).problems, []);
  return { yaml, ...parse(yaml) };
}

const GNU = `Usage: frob [OPTION]... PATTERN [FILE]...
  or:  frob [OPTION]... --from=FILE
Frob the lines of each FILE.  It does so well.
Example: frob x y

Selection:
  -i, --ignore-case         ignore case, in the pattern
                            and in the text
  -e, --regexp=PATTERN      use PATTERN
  -m, --max-count=NUM       stop after NUM lines
      --color[=WHEN],
      --colour[=WHEN]       use markers;
                            WHEN is 'always' or 'never'
  -NUM                      same as --context=NUM
  -I                        skip binary files
  -f, --from=FILE
                            -e from FILE
      --help                display this help
`;

const ARGPARSE = `usage: fetch [-h] [-o FILE] --token TOKEN [--mode {fast,slow}]
             [--tag TAG [TAG ...]]
             url [more ...]

Fetches pages.

positional arguments:
  url                   what to fetch,
                        with its scheme
  more

options:
  -h, --help            show this help message and exit
  -o FILE, --output FILE
                        where to write it
  --token TOKEN         the key
  --mode {fast,slow}    how
  --tag TAG [TAG ...]   labels
`;

describe('help texts of programs', () => {
  it('are read as GNU’s programs write them', () => {
    assert.deepEqual(read(GNU, 'frob'), {
      description: 'Frob the lines of each FILE.',
      options: ['ignore-case', 'regexp=PATTERN', 'max-count=NUM', 'color=WHEN', 'I', 'from=FILE'],
      positionals: ['pattern!', 'file...'],
      subcommands: [],
    });
    const { options } = parseHelp(GNU, ['frob']);
    assert.equal(options[0]?.description, 'ignore case, in the pattern and in the text');
    assert.deepEqual(options[3]?.flags, ['--color', '--colour']);
    assert.equal(options[3]?.optionalValue, true);
    assert.equal(options[5]?.description, '-e from FILE');
  });

  it('are read as argparse writes them', () => {
    assert.deepEqual(read(ARGPARSE, 'fetch'), {
      description: 'Fetches pages.',
      options: ['output=FILE', 'token=TOKEN!', 'mode=fast|slow', 'tag=TAG'],
      positionals: ['url!', 'more...'],
      subcommands: [],
    });
    assert.equal(
      parseHelp(ARGPARSE, ['fetch']).positionals[0]?.description,
      'what to fetch, with its scheme',
    );
  });

  it('are read as click and Typer write them', () => {
    const text = `Usage: hello [OPTIONS] NAME [FILES]...

  Greets NAME.

  More text.

Options:
  --count INTEGER       Number of greetings.  [default: 1]
  --shout / --no-shout  Loudly.
  --mode [fast|slow]    How.  [required]
  -m, --message TEXT    May be given multiple times.
  --help                Show this message and exit.
`;
    assert.deepEqual(read(text, 'hello'), {
      description: 'Greets NAME.',
      options: ['count=INTEGER', 'shout', 'mode=fast|slow!', 'message=TEXT...'],
      positionals: ['name!', 'files...'],
      subcommands: [],
    });
  });

  it('are read as clap writes them', () => {
    const text = `A finder

Usage: fd [OPTIONS] [pattern] [-- <path>...]

Arguments:
  [pattern]  the search pattern

Options:
  -H, --hidden             Search hidden files
  -d, --max-depth <depth>  Set the depth
  -c, --color <when>       When to use colors [possible values: auto, always, never]
  -h, --help               Print help
`;
    assert.deepEqual(read(text, 'fd'), {
      description: 'A finder',
      options: ['hidden', 'max-depth=<depth>', 'color=auto|always|never'],
      positionals: ['pattern', 'path...'],
      subcommands: [],
    });
  });

  it('are read as Go’s flags are written', () => {
    const text = `usage: gofmt [flags] [path ...]
  -cpuprofile string
    \twrite cpu profile to this file
  -d\tdisplay diffs
  -tabs int
    \twidth (default 8)
`;
    assert.deepEqual(read(text, 'gofmt').options, ['cpuprofile=string', 'd', 'tabs=int']);
    assert.deepEqual(made(text, 'gofmt').schema.options.cpuprofile, {
      type: 'string',
      short: 'cpuprofile',
      description: 'write cpu profile to this file',
    });
  });

  it('are read with what is peculiar to a few', () => {
    const text = `Usage: x [options...] <url>
 -d, --data <data>          HTTP data
 -u, --user <user:password> Name and password
   -[no]header              headers on or off
     --[no-]pager           a pager
  -c cmd : program passed in
  --define:K=V              not like others
  --arg a v                 takes two
  \u001b[1m--bold\u001b[0m                   in colour
`;
    assert.deepEqual(read(text, 'x').options, [
      'data=<data>',
      'user=<user:password>',
      'header',
      'noheader',
      'pager',
      'no-pager',
      'c=cmd',
      'bold',
    ]);
  });

  it('tell of subcommands', () => {
    const text = `Usage: pkg <command> [options]

Manages packages.

Commands:
  install|add [options] <name>  Install packages.
  list                          List them,
                                all of them.

Management commands:
  cache:      Look into the cache

Examples:
  nothing     here

General Options:
  --quiet     Say less.
`;
    const found = read(text, 'pkg');
    assert.deepEqual(found.subcommands, ['install', 'list', 'cache']);
    assert.deepEqual(found.options, ['quiet']);
    const { recipes, schema } = made(text, 'pkg');
    assert.deepEqual(recipes.list_, {
      description: 'List them, all of them.',
      subcommand: 'list',
      params: { arguments: {} },
    });
    assert.deepEqual(
      schema.positional.map(({ name }: { name: string }) => name),
      ['arguments'],
    );
  });

  it('that say nothing give a tool with nothing', () => {
    assert.deepEqual(read(''), { description: '', options: [], positionals: [], subcommands: [] });
    assert.match(made('', 'x').yaml, /What is it for\?/);
  });
});

describe('tools that are made from help texts', () => {
  it('have what can be known, and comments where something is guessed', () => {
    const { yaml, schema, recipes, name, command } = made(GNU, '/opt/frob');
    assert.equal(name, 'frob');
    assert.equal(command, '/opt/frob');
    assert.match(yaml, /^# Made from what "\/opt\/frob --help" says\./);
    assert.match(yaml, /type: integer # guessed from NUM/);
    assert.deepEqual(schema.options.regexp, {
      type: 'string',
      flag: '--regexp=',
      description: 'use PATTERN',
    });
    assert.equal(schema.options.color.flag, '--color=');
    assert.deepEqual(schema.options.I, { type: 'boolean', short: 'I', description: 'skip binary files' });
    assert.deepEqual(schema.positional[1], { name: 'file', type: 'array', required: false, description: '' });
    assert.deepEqual(recipes.run, { description: 'Frob the lines of each FILE.' });
  });

  it('pass values apart where the program is known to take them so', () => {
    const { schema } = made(GNU, 'grep');
    assert.equal(schema.options.regexp.flag, undefined);
    assert.equal(schema.options.color.flag, '--color=');
  });

  it('call no two parameters the same', () => {
    const text =
      'Usage: x [--file FILE] FILE...\n\n  --file FILE  one\n  --max-time N  a\n  --max_time N  b\n';
    const { schema } = made(text, 'x');
    assert.deepEqual(Object.keys(schema.options), ['file', 'max-time']);
    assert.deepEqual(schema.positional[0].name, 'files');
  });

  describe('of programs', function () {
    this.timeout(30_000);
    let folder: string;

    before(function () {
      if (process.platform === 'win32') this.skip();
    });

    beforeEach(() => {
      folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'code-mode-help-')));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it('that everybody has are right', async () => {
      for (const command of ['curl', 'jq', 'grep', 'git', 'git log', 'tar', 'sort', 'node']) {
        const tool = await definitionFromHelp(command);
        const { problems, definition } = parseToolDefinition(tool.text(tool.name));
        assert.deepEqual(problems, [], command);
        assert.equal(definition?.name, command.replace(' ', '_'));
      }
      const curl = parse((await definitionFromHelp('curl')).text('web'));
      assert.equal(curl.name, 'web');
      assert.equal(curl.command, 'curl');
      assert.equal(curl.schema.options.data.type, 'string');
      assert.equal(curl.schema.options.silent.type, 'boolean');
      assert.deepEqual(curl.recipes.run.params, { url: {} });
    });

    it('are asked by -h where they don’t know --help, and may say it as an error', async () => {
      const file = writeScript(path.join(folder, 'prog'), [
        'if [ "$2" = -h ]; then echo "usage: prog sub [-x] file" >&2; exit 2; fi',
        'echo "unknown option" >&2; exit 1',
      ]);
      const tool = await definitionFromHelp(`"${file}" sub`);
      assert.equal(tool.name, 'prog_sub');
      assert.match(tool.text('t'), /^# Made from what ".*prog sub -h" says/);
      assert.equal(parse(tool.text('t')).schema.positional[0].name, 'file');
    });

    it('that give none are refused with what they said', async () => {
      const file = writeScript(path.join(folder, 'prog'), ['echo "no such thing"']);
      await assert.rejects(definitionFromHelp(file), (error) => {
        assert.ok(CodeModeError.is(error, 'tool-failed'));
        assert.match(error.message, /gives no help that can be read[\s\S]*no such thing/);
        return true;
      });
      await assert.rejects(definitionFromHelp('no-such-program-here'), /is not installed/);
      await assert.rejects(definitionFromHelp('  '), (error) => CodeModeError.is(error, 'usage'));
    });

    it('can be given up', async () => {
      const file = writeScript(path.join(folder, 'prog'), ['sleep 600']);
      const controller = new AbortController();
      const asked = definitionFromHelp(file, { signal: controller.signal });
      controller.abort();
      await assert.rejects(asked, (error) => CodeModeError.is(error, 'cancelled'));
    });
  });
});
