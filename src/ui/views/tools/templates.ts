/** The file of a tool to begin with. */
export interface ToolTemplate {
  readonly label: string;
  readonly description: string;
  /** The name of a codicon. */
  readonly icon: string;
  /** The YAML of a tool of this name. */
  readonly text: (name: string) => string;
  /** What of the text is to be written first. */
  readonly first: string;
}

/** What a new tool can begin as, in the order in which it is offered. */
export const TOOL_TEMPLATES: readonly ToolTemplate[] = [
  {
    label: 'Command-Line Program',
    description: 'its options and arguments, written by hand',
    icon: 'terminal',
    text: cli,
    first: 'git',
  },
  {
    label: 'MCP Server (stdio)',
    description: 'a program that is started when it is first needed',
    icon: 'server-process',
    text: mcpStdio,
    first: 'npx',
  },
  {
    label: 'MCP Server (HTTP)',
    description: 'one that runs already, at an address',
    icon: 'plug',
    text: mcpHttp,
    first: 'https://example.com/mcp',
  },
  {
    label: 'HTTP API',
    description: 'its endpoints, written by hand',
    icon: 'globe',
    text: http,
    first: 'https://api.example.com/v1',
  },
  {
    label: 'HTTP API from an OpenAPI Document',
    description: 'a file or an address of OpenAPI 3',
    icon: 'file-code',
    text: openApi,
    first: 'https://api.example.com/openapi.json',
  },
];

function cli(name: string): string {
  return `# Python calls tools.${name}.log(max_count=5), or tools.${name}(...) with all that the schema has.
name: ${name}
type: cli
description: Shows what has happened in a Git repository.
command: git
timeout: 60 # seconds
tags: []
schema:
  options: # in this order on the command line, before the positionals
    max-count: {type: integer, description: At most so many.}
    oneline: {type: boolean, description: One line each.}
  positional:
    - {name: path, type: string, description: Only what concerns this file or folder.}
recipes:
  log:
    description: The newest commits, one line each.
    subcommand: log
    preset: {oneline: true}
    params: {max-count: {default: 10}, path: {}}
`;
}

function mcpStdio(name: string): string {
  return `# The callables of tools.${name} are the server's own: tools.${name}.list() tells them.
name: ${name}
type: mcp
transport: stdio
description: Remembers facts in a graph.
command: npx
args: ["-y", "@modelcontextprotocol/server-memory"]
env: {} # such as API_KEY: "\${API_KEY}", from the environment or asked for once
tags: []
`;
}

function mcpHttp(name: string): string {
  return `# The callables of tools.${name} are the server's own: tools.${name}.list() tells them.
name: ${name}
type: mcp
transport: streamable_http # or sse
description: What the server is for.
url: https://example.com/mcp
headers: {} # such as Authorization: "Bearer \${TOKEN}", from the environment or asked for once
tags: []
`;
}

function http(name: string): string {
  return `# Python calls tools.${name}.get_item(item_id=1).
name: ${name}
type: http
description: What the API is for.
base_url: https://api.example.com/v1
headers: {} # such as Authorization: "Bearer \${TOKEN}", from the environment or asked for once
timeout: 30 # seconds
tags: []
endpoints:
  - name: get_item
    method: GET
    path: /items/{item_id}
    description: One item.
    path_params:
      item_id: {type: integer, description: Which one.}
    query:
      fields: {type: string, description: Which fields of it.}
  - name: add_item
    method: POST
    path: /items
    description: Adds an item.
    body:
      title: {type: string, required: true, description: What it is called.}
`;
}

function openApi(name: string): string {
  return `# The callables of tools.${name} are the operations of the document: tools.${name}.list() tells them.
name: ${name}
type: http
description: What the API is for.
openapi:
  document: https://api.example.com/openapi.json # or a file, from the folder of this one
  include: [{method: GET}] # without it, all operations become callables
headers: {} # such as Authorization: "Bearer \${TOKEN}", from the environment or asked for once
timeout: 30 # seconds
tags: []
`;
}
