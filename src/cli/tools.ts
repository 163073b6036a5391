import { UsageError } from '../core/contract/errors.ts';
import type { SecretSource } from '../core/session/secrets.ts';
import type { OpenToolbox } from '../core/session/toolboxes.ts';
import type { ToolboxSpec } from '../core/session/tools.ts';
import { cancellable } from './cancellable.ts';
import type { CommandContext } from './context.ts';
import { ExitCode } from './exitCodes.ts';
import { type AddressOptions, assertStore, storeAt } from './store/address.ts';
import { STORE_ADDRESS_HELP } from './store/help.ts';
import { parseStoreCommand, STORE_OPTIONS, STORE_OPTIONS_HELP } from './store/namedStore.ts';
import { askSecret } from './store/password.ts';
import { callTool } from './tools/call.ts';
import { checkDefinitions, checkFiles } from './tools/check.ts';
import { listedTools, listRows, toolLines } from './tools/render.ts';

const HELP = `List, search, show, check, call and make tools.

Usage: code-mode tools list [options]
       code-mode tools search QUERY [--limit N] [options]
       code-mode tools show NAME [options]
       code-mode tools check [FILE …] [options]
       code-mode tools call NAME[.CALLABLE] [PARAMETER=VALUE …] [--json-args JSON] [options]
       code-mode tools new PROGRAM [SUBCOMMAND]

list starts no server; search and show start those of which nothing else knows what they can do.
check prints what is wrong with the tools of the store, or with files, as FILE:LINE:COLUMN: message.
call runs a tool here, as you, without asking, and writes its result to standard output. A PARAMETER that takes
several values is given several times; for bytes and input, @FILE reads a file, @- standard input.
new prints the file of a tool, made from what the program says of itself by --help.

Options:
  --limit N         search: how many at most (default: 10)
  --json-args JSON  call: an object with arguments; PARAMETER=VALUE counts before it
${STORE_OPTIONS_HELP}
${STORE_ADDRESS_HELP}
Exit codes: 0 success, 1 the tool failed or check found errors, 2 wrong usage, no such store or no such tool,
130 interrupted.

Examples:
  code-mode tools call curl.get url=https://example.org
  echo '{"a": 1}' | code-mode tools call jq.query filter=.a input=@-
  code-mode tools new git log > .code-mode/tools/git_log.yaml
`;

const OPTIONS = {
  ...STORE_OPTIONS,
  limit: { type: 'string' },
  'json-args': { type: 'string' },
} as const;
const MANY = 1_000;

/** `code-mode tools`. @throws CodeModeError */
export async function toolsCommand(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const parsed = parseStoreCommand('tools', args, OPTIONS, {
    list: [0, 0],
    search: [1, 1],
    show: [1, 1],
    check: [0, MANY],
    call: [1, MANY],
    new: [1, MANY],
  });
  if (parsed === 'help') {
    context.stdout.write(HELP);
    return ExitCode.ok;
  }
  const { command, names, values } = parsed;
  const [name = '', ...rest] = names;
  const limit = parseLimit(values.limit);
  const json = values.json ?? false;
  return await cancellable(context, async (signal) => {
    if (command === 'new') {
      const { definitionFromHelp } = await import('../core/tools/fromHelp/index.ts');
      const tool = await definitionFromHelp(names, { workingFolder: process.cwd(), signal });
      context.stdout.write(tool.text(tool.name));
      return ExitCode.ok;
    }
    if (command === 'check' && names.length > 0) return checkFiles(names, json, context);
    const place = await toolPlace(values);
    if (command === 'check') {
      const { openToolSources, ToolDefinitions } = await import('../core/tools/sources/index.ts');
      const sources = openToolSources(place.spec, { log: logNothing, secret: place.secret });
      await using definitions = new ToolDefinitions({ sources, log: logNothing });
      return await checkDefinitions(definitions, json, context);
    }
    return inTools(place, async (tools) => {
      const { toolbox } = tools;
      switch (command) {
        case 'list': {
          const listed = listedTools(await toolbox.entries());
          if (json) context.stdout.writeLine(JSON.stringify(listed, null, 2));
          else for (const row of listRows(listed)) context.stdout.writeLine(row);
          return ExitCode.ok;
        }
        case 'search': {
          const found = await toolbox.search(name, limit, signal);
          if (json) context.stdout.writeLine(JSON.stringify(found, null, 2));
          else for (const row of listRows(found)) context.stdout.writeLine(row);
          return ExitCode.ok;
        }
        case 'show': {
          const info = await toolbox.info(name, signal);
          if (json) context.stdout.writeLine(JSON.stringify(info, null, 2));
          else for (const line of toolLines(info)) context.stdout.writeLine(line);
          return ExitCode.ok;
        }
        case 'call':
          await callTool(
            tools,
            { wanted: name, given: rest, jsonArgs: values['json-args'], json },
            context,
            signal,
          );
          return ExitCode.ok;
      }
    });
  });
}

function parseLimit(given = '10'): number {
  if (/^[1-9]\d{0,5}$/.test(given)) return Number(given);
  throw new UsageError(`--limit is a whole number above 0, not "${given}".`);
}

interface ToolOptions extends AddressOptions {
  readonly base?: string | undefined;
  readonly target?: string | undefined;
}

/** Where the tools are that the options name, and who is asked for secrets. */
interface ToolPlace {
  readonly spec: ToolboxSpec;
  readonly secret: SecretSource;
}

/** @throws CodeModeError */
async function toolPlace(values: ToolOptions): Promise<ToolPlace> {
  if (values.base !== undefined && values.target !== undefined) {
    throw new UsageError('Both --base and --target are given.', 'Give one of them.');
  }
  const { spec, password, label } = storeAt(values.target ?? values.base ?? '.code-mode', values);
  await assertStore({ spec, password, label });
  return {
    spec: {
      workspaceFolder: process.cwd(),
      ...(spec.type === 'file' ? { baseFolder: spec.baseFolder } : { storage: spec }),
    },
    secret: async ({ name, title, wasRefused }) => {
      if (name.startsWith('redis ')) return password({ wasRefused });
      // Nothing is kept here, so there is only the person.
      return wasRefused ? askSecret(title) : undefined;
    },
  };
}

/** Opens tools for `work`. Their programs run in the current folder. */
async function inTools(
  { spec, secret }: ToolPlace,
  work: (tools: OpenToolbox) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { openToolbox } = await import('../core/session/toolboxes.ts');
  const tools = openToolbox(spec, { log: logNothing, secret });
  await using _ = tools.toolbox;
  return await work(tools);
}

/** What is wrong is printed, or thrown. */
function logNothing(): void {}
