// A process of its own with an MCP server: it prints the server's process id, and waits to be killed.
import { LAB, McpBench, textOf } from './bench.ts';

async function main(): Promise<void> {
  const bench = new McpBench();
  bench.folder = process.cwd();
  console.log(await textOf(bench.node(LAB), 'pid'));
  setInterval(() => undefined, 1000);
}

void main();
