// Measures tools: `node tools.mjs DIST MEASUREMENT PYTHON SERVER`, where PYTHON is an environment with the package `mcp` and
// SERVER the program of an MCP server with the tool `echo`.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createSessionManager } from '../src/core/session/local.ts';
import type { Session } from '../src/core/session/session.ts';
import { openToolbox } from '../src/core/session/toolboxes.ts';
import type { ProvidedTool } from '../src/core/session/tools.ts';
import { CALLS, type NamedSamples, report, STORE_ITEMS, STORE_TIMES, TOOL_FILES } from './protocol.ts';
import { QUERIES, toolYaml } from './storeContent.ts';
import { repeat } from './work.ts';

/** What there is to measure with. */
interface Bench {
  readonly distFolder: string;
  readonly folder: string;
  readonly python: string;
  readonly server: string;
}

type Measured = Record<string, readonly number[]>;

const MEASUREMENTS: Readonly<Record<string, (bench: Bench) => Promise<Measured>>> = {
  calls: measureCalls,
  search: measureSearch,
  starts: measureStarts,
};

/** Programs that are started, and sessions. */
const FEW = 50;
const STARTS = 15;

async function measure(measurement: string, bench: Omit<Bench, 'folder'>): Promise<void> {
  const work = MEASUREMENTS[measurement];
  if (!work) throw new Error(`There is no measurement "${measurement}".`);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'code-mode-bench-'));
  let samples: NamedSamples['samples'];
  try {
    samples = await work({ ...bench, folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  report({ samples });
}

/** Calls of Python: of a tool that does nothing, of a program and of an MCP server, beside Python's own ways. */
async function measureCalls(bench: Bench): Promise<Measured> {
  await define(
    bench,
    'jq',
    'name: jq\nschema:\n  options:\n    nothing: {type: boolean, short: n}\n  positional:\n    - {name: filter, type: string}\nrecipes:\n  run: {preset: {nothing: true}, params: {filter: {}}}\n',
  );
  await define(
    bench,
    'server',
    `name: server\ntype: mcp\ntransport: stdio\ncommand: ${JSON.stringify(process.execPath)}\nargs: [${JSON.stringify(bench.server)}]\n`,
  );
  return inSession(bench, async (session) => ({
    noop: await timed(session, 'tools.noop.run()', CALLS, CALLS / 2),
    gathered: await timed(
      session,
      'await asyncio.gather(*(tools.noop.run.call_async() for _ in range(200)))',
      FEW,
      3,
      'import asyncio',
    ),
    program: await timed(session, 'tools.jq.run(filter="1")', FEW, 3),
    programOfPython: await timed(
      session,
      'subprocess.run(["jq", "-n", "1"], stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout',
      FEW,
      3,
      'import subprocess',
    ),
    server: await timed(session, 'tools.server.echo(message="hi")', CALLS, 20),
    serverOfPython: await timed(
      session,
      'await client.call_tool("echo", {"message": "hi"})',
      CALLS,
      20,
      `
from contextlib import AsyncExitStack
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
stack = AsyncExitStack()
streams = await stack.enter_async_context(stdio_client(StdioServerParameters(command=${JSON.stringify(process.execPath)}, args=[${JSON.stringify(bench.server)}])))
client = await stack.enter_async_context(ClientSession(*streams))
await client.initialize()
`,
    ),
  }));
}

/** Searches of very many tools: in the host, and as Python sees them. */
async function measureSearch(bench: Bench): Promise<Measured> {
  const tools = Array.from({ length: STORE_ITEMS }, (_, index) => index);
  await mkdir(path.join(bench.folder, 'base/tools'), { recursive: true });
  for (const index of tools)
    await writeFile(path.join(bench.folder, 'base/tools', `t${index}.yaml`), toolYaml(index));
  const { toolbox } = openToolbox({ baseFolder: path.join(bench.folder, 'base') }, { log: () => undefined });
  const samples: Record<string, number[]> = {};
  samples.searchFirst = await repeat(0, 1, () => toolbox.search(QUERIES[0] ?? '', 5));
  samples.search = [];
  for (let n = 0; n < STORE_TIMES; n++) {
    for (const query of QUERIES) samples.search.push(...(await repeat(0, 1, () => toolbox.search(query, 5))));
  }
  await toolbox[Symbol.asyncDispose]();
  return inSession(bench, async (session) => ({
    ...samples,
    searchOfPython: await timed(
      session,
      `tools.search(${JSON.stringify(QUERIES)}[n % ${QUERIES.length}])`,
      STORE_TIMES * QUERIES.length,
      1,
    ),
  }));
}

/** A session from its start to its first result: without tools, and with many files of them. */
async function measureStarts(bench: Bench): Promise<Measured> {
  const empty = { ...bench, folder: path.join(bench.folder, 'empty') };
  const many = { ...bench, folder: path.join(bench.folder, 'many') };
  await mkdir(empty.folder, { recursive: true });
  for (let index = 0; index < TOOL_FILES; index++) await define(many, `t${index}`, toolYaml(index));
  const samples: Record<'empty' | 'many', number[]> = { empty: [], many: [] };
  const start = (of: Bench) => () => inSession(of, async (session) => session.run('1'));
  await start(empty)();
  for (let n = 0; n < STARTS; n++) {
    samples.empty.push(...(await repeat(0, 1, start(empty))));
    samples.many.push(...(await repeat(0, 1, start(many))));
  }
  return samples;
}

async function define({ folder }: Bench, name: string, yaml: string): Promise<void> {
  const tools = path.join(folder, 'base/tools');
  await mkdir(tools, { recursive: true });
  await writeFile(path.join(tools, `${name}.yaml`), yaml);
}

async function inSession<T>(bench: Bench, work: (session: Session) => Promise<T>): Promise<T> {
  await using manager = createSessionManager({ distFolder: bench.distFolder, log: () => undefined });
  await manager.tools.provide([NOOP]);
  const session = await manager.open({
    id: 'bench',
    title: 'bench',
    executor: 'subprocess',
    executorSettings: { python: bench.python, sandbox: 'off' },
    workspaceFolder: bench.folder,
    baseFolder: path.join(bench.folder, 'base'),
  });
  return await work(session);
}

/** A tool that does nothing. */
const NOOP: ProvidedTool = {
  name: 'noop',
  description: '',
  tags: [],
  provider: 'bench',
  direct: null,
  callables: [{ name: 'run', originalName: 'run', description: '', parameters: [], returns: 'any' }],
  call: async () => ({ type: 'json', value: 1 }),
};

/** The milliseconds that an expression takes in Python, after some evaluations that do not count. */
async function timed(
  session: Session,
  expression: string,
  times: number,
  warmUps: number,
  setup = '',
): Promise<number[]> {
  const { value, error } = await session.run(`
from time import perf_counter
${setup}
samples = []
for n in range(${times + warmUps}):
    before = perf_counter()
    found = ${expression}
    samples.append((perf_counter() - before) * 1000)
    assert found is not None
samples[${warmUps}:]
`);
  if (error) throw new Error(error.traceback);
  return value as number[];
}

const [distFolder = '', measurement = '', python = '', server = ''] = process.argv.slice(2);
await measure(measurement, { distFolder, python, server });
