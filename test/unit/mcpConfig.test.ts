import assert from 'node:assert/strict';
import { UsageError } from '../../src/core/contract/errors.ts';
import { parseToolDefinition } from '../../src/core/tools/definition/index.ts';
import { toYaml } from '../../src/core/tools/definition/yaml.ts';
import { definitionFromCommand, readMcpConfig } from '../../src/core/tools/mcpConfig/index.ts';

/** How a definition names what is to be filled, and how the editor names its own. */
function variable(name: string): string {
  return `\${${name}}`;
}

/** The servers of a file by their labels; what they define is a tool. */
function read(text: string) {
  const { servers, problem } = readMcpConfig(text);
  assert.equal(problem, undefined);
  for (const { definition } of servers) {
    if (!definition) continue;
    const parsed = parseToolDefinition(toYaml(definition));
    assert.deepEqual(parsed.problems, []);
    assert.equal(parsed.definition?.type, 'mcp');
  }
  return Object.fromEntries(servers.map((server) => [server.label, server]));
}

describe('the servers of a mcp.json', () => {
  it('are tools that are programs', () => {
    const { github } = read(`{
      // Which servers there are.
      "inputs": [{ "type": "promptString", "id": "api-key", "password": true, "description": "Key" }],
      "servers": {
        "github": { /* a program */
          "type": "stdio",
          "command": "npx",
          "args": ["-y", "@scope/server", "--root=${variable('workspaceFolder')}", "http://a//b,]"],
          "env": { "KEY": "${variable('input:api-key')}", "TOKEN": "${variable('env:GH_TOKEN')}", "DEPTH": 3, "GONE": null },
          "cwd": "${variable('workspaceFolder')}/sub",
        },
      },
    }`);
    assert.deepEqual(github, {
      label: 'github',
      name: 'github',
      description: `npx -y @scope/server --root=${variable('workspaceFolder')} http://a//b,]`,
      definition: {
        name: 'github',
        type: 'mcp',
        transport: 'stdio',
        command: 'npx',
        args: ['-y', '@scope/server', `--root=${variable('workspaceFolder')}`, 'http://a//b,]'],
        env: { KEY: variable('API_KEY'), TOKEN: variable('GH_TOKEN'), DEPTH: '3' },
        cwd: `${variable('workspaceFolder')}/sub`,
        description: 'The MCP server github',
      },
      problem: undefined,
    });
  });

  it('are tools that are reached over HTTP', () => {
    const { web, old, plain } = read(
      JSON.stringify({
        servers: {
          web: {
            type: 'http',
            url: 'https://example.com/mcp',
            headers: { Authorization: `Bearer ${variable('input:webToken')}` },
          },
          old: { type: 'sse', url: 'http://localhost:1/sse' },
          plain: { url: 'https://example.org' },
        },
      }),
    );
    assert.deepEqual(web?.definition, {
      name: 'web',
      type: 'mcp',
      transport: 'streamable_http',
      url: 'https://example.com/mcp',
      headers: { Authorization: `Bearer ${variable('WEB_TOKEN')}` },
      description: 'The MCP server web',
    });
    assert.equal(web?.description, 'https://example.com/mcp');
    assert.equal(old?.definition?.transport, 'sse');
    assert.equal(plain?.definition?.transport, 'streamable_http');
  });

  it('have names that Python can say, each one of its own', () => {
    const command = { command: 'x' };
    const labels = ['my-server', 'my_server', 'io.example/Thing', 'list', '2fa', '日本', '--'];
    const servers = read(
      JSON.stringify({ mcpServers: Object.fromEntries(labels.map((label) => [label, command])) }),
    );
    assert.deepEqual(
      labels.map((label) => servers[label]?.name),
      ['my_server', 'my_server_2', 'io_example_Thing', 'mcp_list', 'mcp_2fa', '日本', 'mcp'],
    );
  });

  it('say what of them can not be carried over', () => {
    const { some, none, wrong } = read(
      JSON.stringify({
        servers: {
          some: { command: `${variable('config:path')}/x`, args: [variable('userHome')], envFile: '.env' },
          none: { type: 'stdio' },
          wrong: { command: ['npx'] },
        },
      }),
    );
    assert.deepEqual(some?.definition?.args, [variable('HOME')]);
    assert.match(some?.problem ?? '', /Its envFile \(\.env\) is not read.*do not know \$\{config:path\}/);
    assert.equal(none?.definition, undefined);
    assert.match(none?.problem ?? '', /It has no command/);
    assert.equal(wrong?.definition, undefined);
    assert.match(wrong?.problem ?? '', /command/);
  });

  it('are none where the file is broken', () => {
    for (const text of ['', '{', '[]', '{"servers": 5}']) {
      const { servers, problem } = readMcpConfig(text);
      assert.deepEqual(servers, []);
      assert.match(problem ?? '', /It can't be read/);
    }
    assert.deepEqual(readMcpConfig('{}'), { servers: [], problem: undefined });
  });
});

describe('a tool of a command line', () => {
  it('starts it', () => {
    assert.deepEqual(
      definitionFromCommand(`KEY=a npx -y @modelcontextprotocol/server-memory "a b" --x='c d'`),
      {
        name: 'memory',
        type: 'mcp',
        transport: 'stdio',
        command: 'npx',
        args: ['-y', '@modelcontextprotocol/server-memory', 'a b', '--x=c d'],
        env: { KEY: 'a' },
        description: 'The MCP server memory',
      },
    );
    assert.equal(definitionFromCommand('uvx mcp-server-fetch', 'web').name, 'web');
  });

  it('is named after what is started', () => {
    const names: Record<string, string> = {
      'uvx mcp-server-fetch': 'fetch',
      'uvx --from git+https://example.com/x duck-mcp': 'duck',
      'python -m mcp_server_time --local-timezone UTC': 'time',
      'python3.12 -m weather': 'weather',
      'node ./weather/dist/index.js': 'weather',
      'docker run -i --rm -e TOKEN ghcr.io/example/notes-mcp-server:latest': 'notes',
      'npx -y @playwright/mcp@latest': 'playwright',
      'pnpm dlx some-tool@1.2.3': 'some_tool',
      'uv run --directory /srv/x server.py': 'server',
      '/usr/local/bin/my-mcp-server': 'my',
    };
    for (const [command, name] of Object.entries(names)) {
      assert.equal(definitionFromCommand(command).name, name, command);
    }
  });

  it('is reached where it is an address', () => {
    assert.deepEqual(definitionFromCommand(' https://mcp.example.com/v1/mcp '), {
      name: 'example',
      type: 'mcp',
      transport: 'streamable_http',
      url: 'https://mcp.example.com/v1/mcp',
      description: 'The MCP server at mcp.example.com',
    });
    const local = definitionFromCommand('http://127.0.0.1:3001/sse');
    assert.equal(local.transport, 'sse');
    assert.equal(local.name, 'mcp');
  });

  it('has to be one', () => {
    assert.throws(() => definitionFromCommand(' '), UsageError);
    assert.throws(() => definitionFromCommand('A=1 B=2'), UsageError);
  });
});
