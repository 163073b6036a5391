import { CodeModeError, UsageError } from '../core/contract/errors.ts';
import { WorkflowLibrary, type WorkflowSummary } from '../core/workflows/library.ts';
import { cancellable } from './cancellable.ts';
import type { CommandContext } from './context.ts';
import { ExitCode } from './exitCodes.ts';
import { STORE_ADDRESS_HELP } from './store/help.ts';
import { inStore, parseStoreCommand, STORE_OPTIONS, STORE_OPTIONS_HELP } from './store/namedStore.ts';
import { table } from './store/render.ts';

const HELP = `List, search and show workflows.

Usage: code-mode workflows list [options]
       code-mode workflows search QUERY [--limit N] [options]
       code-mode workflows show NAME [options]

search ranks by words: names, descriptions, parameters and sources. show prints the source.

Options:
  --limit N         search: how many at most (default: 10)
${STORE_OPTIONS_HELP}
${STORE_ADDRESS_HELP}
Exit codes: 0 success, 2 wrong usage, no such store or no such workflow.
`;

const OPTIONS = { ...STORE_OPTIONS, limit: { type: 'string' } } as const;

/** `code-mode workflows`. @throws CodeModeError */
export async function workflowsCommand(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const parsed = parseStoreCommand('workflows', args, OPTIONS, {
    list: [0, 0],
    search: [1, 1],
    show: [1, 1],
  });
  if (parsed === 'help') {
    context.stdout.write(HELP);
    return ExitCode.ok;
  }
  const { command, names, values } = parsed;
  const [argument = ''] = names;
  const limit = parseLimit(values.limit);
  return await cancellable(context, () =>
    inStore(values, context, true, async ({ workflows: store }) => {
      const library = new WorkflowLibrary({ store });
      try {
        if (command === 'show') {
          const found = await library.get(argument);
          if (!found) throw new CodeModeError('not-found', `There is no workflow "${argument}".`);
          context.stdout.writeLine(
            values.json ? JSON.stringify({ ...plain(found), source: found.source }, null, 2) : found.source,
          );
          return ExitCode.ok;
        }
        const found = command === 'list' ? await library.list() : await library.search(argument, limit);
        if (values.json) context.stdout.writeLine(JSON.stringify(found.map(plain), null, 2));
        else for (const row of rowsOf(found)) context.stdout.writeLine(row);
        return ExitCode.ok;
      } finally {
        library.dispose();
      }
    }),
  );
}

function parseLimit(given = '10'): number {
  if (/^[1-9]\d{0,5}$/.test(given)) return Number(given);
  throw new UsageError(`--limit is a whole number above 0, not "${given}".`);
}

/** As Python's `workflows.list()` has it, and why it cannot be run, if so. */
function plain({ name, description, parameters, problems }: WorkflowSummary) {
  return {
    name,
    description,
    parameters: parameters.map(({ annotation: _, defaultSource: __, ...parameter }) => parameter),
    problem: errorOf(problems) ?? null,
  };
}

function rowsOf(found: readonly WorkflowSummary[]): string[] {
  return table(
    found.map(({ name, description, parameters, problems }) => {
      const signature = parameters.map((parameter) => `${parameter.name}${parameter.required ? '' : '?'}`);
      return [`${name}(${signature.join(', ')})`, errorOf(problems) ?? description];
    }),
  );
}

function errorOf(problems: WorkflowSummary['problems']): string | undefined {
  return problems.find(({ severity }) => severity === 'error')?.message;
}
