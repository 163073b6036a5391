import { CodeModeError, ToolFailedError } from '../../../contract/errors.ts';
import { describeCredentials, describeEndpoint, type Endpoint } from './endpoint.ts';

/** Characters of what a server answered that an error repeats. */
const MAX_SAID_CHARACTERS = 2_000;
/** As the protocol numbers them. */
const CONNECTION_CLOSED = -32000;
const REQUEST_TIMEOUT = -32001;

/** What an error is about. */
export interface FailureContext {
  /** The tool's name. */
  readonly tool: string;
  /** Not filled, so that it holds no secrets. */
  readonly endpoint: Endpoint;
  readonly mask: (text: string) => string;
  /** What the server said last on standard error. */
  readonly complaints: () => readonly string[];
}

/** The connection ended under a request. `message` follows "the server": `ended with code 1`. */
export class ServerEndedError extends Error {}

/** The status that a server answered over HTTP with; undefined: it is no error of HTTP. */
export function statusOf(error: unknown): number | undefined {
  const code = codeOf(error);
  if (typeof code === 'number' && code >= 100 && code < 600) return code;
  const [, status] = /\(HTTP (\d{3})\)/u.exec(messageOf(error)) ?? [];
  return status === undefined ? undefined : Number(status);
}

/** Whether the protocol's own timeout is what went wrong. */
export function isTimeout(error: unknown): boolean {
  return codeOf(error) === REQUEST_TIMEOUT;
}

/** Whether the connection ended under a request. */
export function isClosed(error: unknown): boolean {
  return (
    codeOf(error) === CONNECTION_CLOSED && /^MCP error -32000: Connection closed/u.test(messageOf(error))
  );
}

/** Whether a server could not be reached over the network at all. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'fetch failed';
}

/** Why a server could not be started. */
export function startFailure(error: unknown, context: FailureContext): CodeModeError {
  if (CodeModeError.is(error)) return error;
  const { tool, endpoint } = context;
  const failed = `The MCP server of the tool ${tool} could not be started`;
  const where = describeEndpoint(endpoint);
  const code = codeOf(error);
  if (endpoint.kind !== 'stdio')
    return httpFailure(error, `The MCP server of the tool ${tool} at ${where}`, context);
  if (code === 'ENOENT') {
    return new ToolFailedError(`${failed}: there is no program ${endpoint.command}.`, {
      hint: `Install it, or correct the command in the definition of ${tool}. It is looked for in the PATH that VS Code was started with.`,
      cause: error,
    });
  }
  const why = error instanceof ServerEndedError ? `it ${error.message}` : said(error, context);
  return new ToolFailedError(`${failed} by ${where}: ${why}${complaintsOf(context)}`, {
    hint: 'Run that command in a terminal to see what it needs; the log of the server has all that it printed.',
    cause: error,
  });
}

/** Why a call failed, where the server did not say so itself. */
export function callFailure(error: unknown, callable: string, context: FailureContext): CodeModeError {
  if (CodeModeError.is(error)) return error;
  const { tool, endpoint } = context;
  if (endpoint.kind !== 'stdio' && (statusOf(error) !== undefined || isUnreachable(error))) {
    return httpFailure(error, `The MCP server of the tool ${tool} at ${describeEndpoint(endpoint)}`, context);
  }
  return new ToolFailedError(`tools.${tool}.${callable} failed: ${said(error, context)}`, { cause: error });
}

function httpFailure(error: unknown, server: string, context: FailureContext): ToolFailedError {
  const { endpoint, tool } = context;
  const status = statusOf(error);
  const name = { cause: error };
  if (status === 401 || status === 403) {
    const credentials = endpoint.kind === 'stdio' ? '' : describeCredentials(endpoint);
    const hint =
      credentials === ''
        ? `Give the definition of ${tool} the header that it asks for, such as Authorization: "Bearer \${API_KEY}".`
        : `It is asked with ${credentials}: check that value.`;
    return new ToolFailedError(`${server} refuses us (HTTP ${status}).`, { ...name, hint });
  }
  if (status !== undefined) {
    return new ToolFailedError(`${server} answers with HTTP ${status}: ${said(error, context)}`, {
      ...name,
      hint: `Check the url and the transport in the definition of ${tool}.`,
    });
  }
  return new ToolFailedError(`${server} can't be reached: ${said(error, context)}`, {
    ...name,
    hint: `Start it, or correct the url or the transport in the definition of ${tool}.`,
  });
}

/** What the server printed last, to follow a message. */
export function complaintsOf({ complaints, mask }: FailureContext): string {
  const lines = complaints();
  return lines.length === 0 ? '' : `\nIt printed last:\n${mask(lines.map((line) => `  ${line}`).join('\n'))}`;
}

/** The words of an error and of what is behind it, without the numbers of protocols and without secrets. */
function said(error: unknown, { mask }: FailureContext): string {
  const cause = error instanceof Error && isUnreachable(error) ? error.cause : undefined;
  const text = messageOf(cause ?? error).replace(
    /^(?:MCP error -?\d+: |Streamable HTTP error: |SSE error: )+/u,
    '',
  );
  const masked = mask(text);
  return masked.length > MAX_SAID_CHARACTERS ? `${masked.slice(0, MAX_SAID_CHARACTERS)} …` : masked;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || codeText(error) || error.name;
}

function codeText(error: unknown): string {
  const code = codeOf(error);
  return code === undefined ? '' : String(code);
}

function codeOf(error: unknown): number | string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'number' || typeof code === 'string' ? code : undefined;
}
