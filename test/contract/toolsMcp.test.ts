import { McpBench } from './mcp/bench.ts';
import { describeCalls } from './mcp/calls.ts';
import { describeHttp } from './mcp/http.ts';
import { describePublicServers } from './mcp/publicServers.ts';
import { describeStarts } from './mcp/starts.ts';

const TEST_TIMEOUT_MS = 60_000;

describe('tools of MCP servers', function () {
  this.timeout(TEST_TIMEOUT_MS);
  this.slow(5000);
  const bench = new McpBench().install();
  describeStarts(bench);
  describeCalls(bench);
  describeHttp(bench);
  describePublicServers(bench);
});
