import { isPythonName } from '../python-source/identifiers.ts';

/** What `workflows.NAME` means already. */
const RESERVED = new Set(['list', 'search', 'get', 'invoke', 'create', 'delete']);

/** Why `name` cannot be a workflow's, in words for a person; undefined where it can. */
export function nameProblem(name: string): string | undefined {
  const normal = name.normalize('NFKC');
  const refused = `${JSON.stringify(name)} cannot name a workflow`;
  if (!isPythonName(normal)) {
    return `${refused}: use a Python identifier, such as fetch_titles.`;
  }
  if (RESERVED.has(normal)) return `${refused}: workflows.${normal} is a method already.`;
  return normal.startsWith('_') ? `${refused}: names that begin with _ are skipped.` : undefined;
}
