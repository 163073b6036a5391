import { pythonNameFor } from '../../python-source/identifiers.ts';
import { toolNameProblem } from '../definition/common.ts';

/** Programs that run another one, which the first of their arguments names. */
const LAUNCHERS = new Set([
  'npx',
  'bunx',
  'pnpx',
  'uvx',
  'pnpm',
  'yarn',
  'npm',
  'bun',
  'uv',
  'pipx',
  'deno',
  'docker',
  'podman',
  'node',
  'tsx',
  'python',
  'python3',
  'py',
]);
/** What a launcher is told before it is told what to run. */
const VERBS = new Set(['dlx', 'run', 'tool', 'exec', 'x']);
/** Options of launchers that a value follows. */
const WITH_VALUE = new Set(
  '-e --env -v --volume --mount --name -p --publish --package --network --from --with --python --directory --env-file -u --user -w'.split(
    ' ',
  ),
);
/** What files are called whatever they do. */
const GENERIC = /^(?:index|main|server|cli|app|dist|build|src|lib|bin|mcp|out)$/iu;

/** What a server could be called as a tool: a Python identifier that is free to use. */
export function toolNameFor(label: string): string {
  const words = pythonNameFor(label.trim()).replaceAll(/_+/gu, '_');
  const name = words.replaceAll(/^_|_$/gu, '');
  if (name === '') return 'mcp';
  return [name, `mcp_${name}`].find((wanted) => toolNameProblem(wanted) === undefined) ?? 'mcp';
}

/** What a server could be called that a command line starts: `memory` for `npx -y @scope/server-memory@1.0`. */
export function nameOfCommand(words: readonly string[]): string {
  const [command = '', ...args] = words;
  const program = lastPart(command).replace(/\.(?:exe|cmd)$/iu, '');
  const started = LAUNCHERS.has(program.replace(/\d[\d.]*$/u, '')) ? startedBy(args) : undefined;
  return toolNameFor(shorten(nameOfProgram(started ?? program)).toLowerCase());
}

/** What a server could be called that has an address: `example` for `https://mcp.example.com/mcp`. */
export function nameOfAddress({ hostname }: URL): string {
  const labels = hostname.split('.').filter((label) => !/^(?:www|api|mcp)$/iu.test(label));
  const isNumber = /^[\d.]+$|^\[/u.test(hostname);
  return toolNameFor(isNumber ? 'mcp' : (labels.at(-2) ?? labels[0] ?? 'mcp'));
}

/** What a launcher runs. */
function startedBy(args: readonly string[]): string | undefined {
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    if (word === '-m') return args[index + 1];
    if (WITH_VALUE.has(word)) index += 1;
    else if (!word.startsWith('-') && !VERBS.has(word)) return word;
  }
  return undefined;
}

/** Of a package its name without its version, of `@x/mcp` and of `x/dist/index.js` the `x`. */
function nameOfProgram(started: string): string {
  const unversioned = started.replace(/^@/u, '').replace(/(?<=.)(?:@|==|:)[^/\\]*$/u, '');
  const parts = unversioned.split(/[/\\]/u).map((part) => part.replace(/\.(?:[cm]?[jt]s|py)$/iu, ''));
  const telling = parts.filter((part) => part !== '' && part !== '.' && part !== '..' && !GENERIC.test(part));
  return telling.at(-1) ?? parts.at(-1) ?? '';
}

function shorten(name: string): string {
  const short = name
    .replace(/^(?:mcp[-_.]server[-_.]|server[-_.]|mcp[-_.])/iu, '')
    .replace(/[-_.](?:mcp[-_.]server|server[-_.]mcp|mcp|server)$/iu, '');
  return short === '' ? name : short;
}

function lastPart(path: string): string {
  return path.split(/[/\\]/u).at(-1) ?? '';
}
