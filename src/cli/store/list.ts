import { type StoredDependency, storedDependencies } from '../../core/storage/transfer/dependencies.ts';
import type { StoredTool, TransferKind, TransferStore } from '../../core/storage/transfer/transferStore.ts';
import { WorkflowLibrary } from '../../core/workflows/library.ts';
import { cancellable } from '../cancellable.ts';
import type { CommandContext } from '../context.ts';
import { ExitCode } from '../exitCodes.ts';
import { styled } from '../style.ts';
import { assertStore, type NamedStore } from './address.ts';
import { type ListedArtifact, listArtifacts, listedArtifactRows } from './artifactList.ts';
import { openStore } from './openStore.ts';
import { table } from './render.ts';

/** What is listed of a store; what can't be read has a problem in place of what it would say. */
interface Listing {
  workflows?: readonly { name: string; description: string; problem?: string }[];
  artifacts?: readonly ListedArtifact[];
  tools?: readonly { name: string; description: string; problem?: string }[];
  deps?: readonly string[];
}

/** `code-mode store list`. @throws CodeModeError where the store can't be read */
export async function listStore(
  named: NamedStore,
  { kinds, json }: { readonly kinds: readonly TransferKind[]; readonly json: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  await assertStore(named);
  return await cancellable(context, async () => {
    await using store = openStore(named, context);
    const listing: Listing = {};
    for (const kind of kinds) Object.assign(listing, { [kind]: await LISTS[kind](store) });
    if (json) context.stdout.writeLine(JSON.stringify({ store: named.label, ...listing }, null, 2));
    else context.stdout.write(listingText(named, listing));
    return ExitCode.ok;
  });
}

const LISTS: {
  readonly [Kind in TransferKind]: (store: TransferStore) => Promise<NonNullable<Listing[Kind]>>;
} = {
  async workflows({ workflows }) {
    const library = new WorkflowLibrary({ store: workflows });
    try {
      return (await library.list()).map(({ name, description, problems }) => {
        const problem = problems.find(({ severity }) => severity === 'error')?.message;
        return { name, description, ...(problem !== undefined && { problem }) };
      });
    } finally {
      library.dispose();
    }
  },
  artifacts: ({ artifacts }) => listArtifacts(artifacts),
  async tools({ tools }) {
    return [...(await tools.list())].map(([name, tool]) => ({ name, ...describeTool(tool) })).sort(byName);
  },
  async deps({ deps }) {
    return [...(await storedDependencies(deps))].map(([name, stored]) => specOf(name, stored)).sort();
  },
};

function describeTool(tool: StoredTool): { description: string; problem?: string } {
  if ('problem' in tool) return { description: '', problem: tool.problem };
  const { description } = tool.config;
  return { description: typeof description === 'string' ? description : '' };
}

/** What no store can name is listed as it is written. */
function specOf(name: string, stored: StoredDependency): string {
  return 'spec' in stored ? stored.spec : name;
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}

function listingText(named: NamedStore, { workflows, artifacts, tools, deps }: Listing): string {
  const lines = [named.label];
  const section = (kind: TransferKind, rows: readonly string[] | undefined) => {
    if (rows) lines.push(styled('bold', `${kind} (${rows.length})`), ...rows.map((row) => `  ${row}`));
  };
  const described = (items: Listing['tools']) =>
    items && table(items.map(({ name, description, problem }) => [name, problem ?? description]));
  section('workflows', described(workflows));
  section('artifacts', artifacts && listedArtifactRows(artifacts));
  section('tools', described(tools));
  section('deps', deps);
  return `${lines.join('\n')}\n`;
}
