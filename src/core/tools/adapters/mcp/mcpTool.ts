import { CodeModeError, ToolFailedError } from '../../../contract/errors.ts';
import type { Json } from '../../../contract/execution.ts';
import type { ToolHealth } from '../../../contract/tools.ts';
import type {
  Tool,
  ToolArgument,
  ToolCallRequest,
  ToolDefinition,
  ToolDescription,
  ToolOutcome,
  ToolServices,
} from '../../tool.ts';
import type { McpConfig } from './config.ts';
import type { McpConnection } from './connection.ts';
import { distinguishEndpoint, type Endpoint, endpointOf } from './endpoint.ts';
import { callFailure, isTimeout, isUnreachable, ServerEndedError, statusOf } from './failures.ts';
import { type CallResult, errorTextOf, outcomeOf } from './results.ts';
import { McpServer } from './server.ts';

/** What a server over HTTP answers when it does not know the session any more, since it was started anew. */
const UNKNOWN_SESSION: ReadonlySet<number | undefined> = new Set([400, 404]);

/** An MCP server as a tool: what the server calls its tools are its callables. */
export class McpTool implements Tool {
  readonly definition: ToolDefinition<McpConfig>;
  readonly server: McpServer;
  readonly #services: ToolServices;
  readonly #endpoint: Endpoint;

  /** @param startTimeoutMs milliseconds until its server has to be ready */
  constructor(definition: ToolDefinition<McpConfig>, services: ToolServices, startTimeoutMs?: number) {
    this.definition = definition;
    this.#services = services;
    this.#endpoint = endpointOf(definition.config);
    const { name, digest } = definition;
    this.server = new McpServer({
      name,
      digest,
      services,
      endpoint: this.#endpoint,
      ...(startTimeoutMs !== undefined && { startTimeoutMs }),
    });
  }

  get health(): ToolHealth {
    return this.server.health;
  }

  get onDidChange() {
    return this.server.onDidChange;
  }

  get known(): ToolDescription | undefined {
    return this.server.description ?? this.#services.descriptions.get(this.definition.digest);
  }

  async describe(signal?: AbortSignal): Promise<ToolDescription> {
    if (this.known === undefined) await this.server.connection(signal);
    return this.known ?? { callables: [], direct: null };
  }

  commandLine({ callable }: Pick<ToolCallRequest, 'callable'>): string {
    return `${distinguishEndpoint(this.#endpoint)}: ${callable.originalName}`;
  }

  async call(request: ToolCallRequest): Promise<ToolOutcome> {
    const { callable, signal } = request;
    let result: CallResult;
    try {
      result = await this.#call(request);
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new CodeModeError('cancelled', `${this.#label(request)} was cancelled.`, { cause: error });
    }
    if (result.isError) {
      throw new ToolFailedError(
        `${this.#label(request)} failed: ${this.#services.mask(errorTextOf(result))}`,
      );
    }
    return outcomeOf(result, callable.returns === 'object', this.#services.maxResultBytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }

  async #call(request: ToolCallRequest): Promise<CallResult> {
    const ranBefore = this.health.state === 'running';
    const connection = await this.server.connection(request.signal);
    try {
      return await this.#callOver(connection, request);
    } catch (error) {
      // A server that has forgotten the session did not look at the call.
      const isForgotten =
        ranBefore && this.#endpoint.kind !== 'stdio' && UNKNOWN_SESSION.has(statusOf(error));
      if (isForgotten || isUnreachable(error)) await connection.close('can no longer be reached');
      if (!isForgotten) throw this.#failure(error, request);
    }
    const next = await this.server.connection(request.signal);
    try {
      return await this.#callOver(next, request);
    } catch (error) {
      throw this.#failure(error, request);
    }
  }

  #callOver(connection: McpConnection, { callable, signal, onProgress, ...request }: ToolCallRequest) {
    return connection.call({
      name: callable.originalName,
      arguments: jsonOf(request.arguments) as Record<string, Json>,
      signal,
      timeoutMs: this.definition.config.timeout * 1000,
      onProgress,
    });
  }

  #failure(error: unknown, request: ToolCallRequest): CodeModeError {
    const failed = `${this.#label(request)} failed:`;
    if (error instanceof ServerEndedError) {
      return new ToolFailedError(`${failed} its MCP server ${error.message} while it was under way.`, {
        hint: 'The next call starts the server again. Its log says what it printed.',
        cause: error,
      });
    }
    if (isTimeout(error)) {
      const { timeout } = this.definition.config;
      return new ToolFailedError(
        `${failed} the MCP server gave no answer and no progress for ${timeout} s.`,
        {
          hint: `If it may take longer, raise \`timeout\` in the definition of ${this.definition.name}.`,
          cause: error,
        },
      );
    }
    return callFailure(error, request.callable.name, this.server.failures);
  }

  #label({ callable }: ToolCallRequest): string {
    return `tools.${this.definition.name}.${callable.name}`;
  }
}

/** Arguments as JSON carries them: bytes in base64. */
function jsonOf(value: ToolArgument | Readonly<Record<string, ToolArgument>>): Json {
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  }
  if (Array.isArray(value)) return value.map((item: ToolArgument) => jsonOf(item));
  if (typeof value !== 'object' || value === null) return value as Json;
  const entries = Object.entries(value as Readonly<Record<string, ToolArgument>>);
  return Object.fromEntries(entries.map(([key, item]) => [key, jsonOf(item)]));
}
