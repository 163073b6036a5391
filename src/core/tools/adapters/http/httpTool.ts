import { Emitter } from '../../../common/events.ts';
import { ClosedError, CodeModeError, ToolFailedError } from '../../../contract/errors.ts';
import type { ToolHealth } from '../../../contract/tools.ts';
import { Connections } from '../../../http/connections.ts';
import { exchange } from '../../../http/exchange.ts';
import { proxyFor } from '../../../http/proxies.ts';
import { NameSet } from '../../../python-source/identifiers.ts';
import { READY } from '../../health.ts';
import { isSecretName } from '../../masking.ts';
import type {
  Tool,
  ToolCallRequest,
  ToolDefinition,
  ToolDescription,
  ToolOutcome,
  ToolServices,
} from '../../tool.ts';
import { variablesOf } from '../../variables.ts';
import type { HttpConfig } from './config.ts';
import { operationsOfEndpoints } from './endpoints.ts';
import { type FilledConfig, fillConfig } from './filling.ts';
import { headersOf } from './headers.ts';
import { DocumentOperations } from './openapi/documentOperations.ts';
import { DocumentSource } from './openapi/documentSource.ts';
import { OpenCalls } from './openCalls.ts';
import type { Operation } from './operation.ts';
import { OperationSet } from './operationSet.ts';
import { outcomeOf } from './outcome.ts';
import { payloadOf } from './payload.ts';
import { targetOf } from './target.ts';
import { TOOL_CALLER } from './toolCaller.ts';

/** In a URL, where a sign beyond ASCII would be encoded. */
const HIDDEN = '***';
/** Characters of an address in an error. */
const MAX_LABEL_CHARACTERS = 300;

/** An HTTP API as a tool. Nothing is started for it; its connections are kept open between calls. */
export class HttpTool implements Tool {
  readonly definition: ToolDefinition<HttpConfig>;
  readonly #services: ToolServices;
  readonly #connections = new Connections(TOOL_CALLER);
  readonly #calls = new OpenCalls();
  readonly #changed = new Emitter<void>();
  /** Where operations come from besides the file itself. */
  readonly #document: DocumentOperations | undefined;
  #operations: OperationSet | undefined;
  #loading: Promise<OperationSet> | undefined;
  /** Why the document could not be read last. */
  #failure: string | undefined;
  #closed = false;

  readonly onDidChange = this.#changed.event;

  constructor(definition: ToolDefinition<HttpConfig>, services: ToolServices) {
    this.definition = definition;
    this.#services = services;
    const { config, file } = definition;
    if (!config.openapi) {
      this.#operations = new OperationSet(config.name, operationsOfEndpoints(config, new NameSet()));
      return;
    }
    const source = new DocumentSource({
      document: config.openapi.document,
      file,
      config,
      services,
      connections: this.#connections,
    });
    this.#document = new DocumentOperations(source, config, (line) =>
      services.log(`${config.name}: ${line}`),
    );
  }

  get health(): ToolHealth {
    if (this.#failure !== undefined) return { state: 'failed', detail: this.#failure };
    return READY;
  }

  get known(): ToolDescription | undefined {
    return this.#operations?.description;
  }

  async describe(signal?: AbortSignal): Promise<ToolDescription> {
    return (await this.#load(signal)).description;
  }

  /** @throws ToolArgumentsError for an argument that would lead to another place */
  commandLine({ callable, arguments: given }: Pick<ToolCallRequest, 'callable' | 'arguments'>): string {
    const operation = this.#operations?.find(callable);
    if (!operation) return `${this.definition.name}.${callable.name}`;
    return this.#services.mask(`${operation.method} ${this.#addressOf(operation, given)}`);
  }

  async call(request: ToolCallRequest): Promise<ToolOutcome> {
    const operation = this.#operations?.find(request.callable) ?? (await this.#loadedOperation(request));
    if (this.#document) void this.#load().catch(() => undefined);
    const { config } = this.definition;
    const label = this.#labelOf(operation, request);
    const { signal } = request;
    const onCancel = () => new CodeModeError('cancelled', `${label} was given up, for the run was stopped.`);
    const onTimeout = () =>
      new ToolFailedError(`${label} has not answered within ${config.timeout} seconds.`, {
        hint: 'Ask for less, or raise timeout in the file of the tool.',
      });
    // A person may be asked for a secret, which takes as long as it takes.
    const filled = await this.#calls.run({ signal, timeoutMs: undefined, onTimeout, onCancel }, () =>
      fillConfig(config, operation.baseUrl, this.#services),
    );
    return await this.#calls.run({ signal, timeoutMs: config.timeout * 1000, onTimeout, onCancel }, (until) =>
      this.#answer(operation, request, { filled, label, signal: until }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#calls.end(new ClosedError(this.#title));
    this.#document?.dispose();
    this.#changed.dispose();
    await this.#connections[Symbol.asyncDispose]();
  }

  async #answer(
    operation: Operation,
    { arguments: given, onProgress }: ToolCallRequest,
    { filled, label, signal }: { filled: FilledConfig; label: string; signal: AbortSignal },
  ): Promise<ToolOutcome> {
    const { config } = this.definition;
    const services = this.#services;
    const { fixed, headers: fixedHeaders, proxy, hide } = filled;
    const url = urlOf(targetOf(operation, given, fixed));
    const headers = headersOf(operation, given, fixedHeaders, services.version);
    const payload = payloadOf(operation.body, given);
    if (payload && !fixedHeaders.has('content-type')) headers.set('content-type', payload.contentType);
    const choice = { ofTool: proxy, ofSettings: services.proxy, environment: process.env };
    const { method, response } = operation;
    const answer = await exchange(
      { method, url, headers, body: payload?.bytes },
      {
        caller: TOOL_CALLER,
        connections: this.#connections,
        proxyOf: (target) => proxyFor(target, choice),
        signal,
        deadline: Date.now() + config.timeout * 1000,
        label,
        onDelay: (message) => {
          services.log(`${config.name}: ${hide(message)}`);
          onProgress(hide(message));
        },
      },
    );
    return await outcomeOf(answer, {
      response,
      method,
      limit: services.maxResultBytes,
      label,
      host: answer.url.host,
      secretNames: variablesOf(JSON.stringify([config.headers, config.query, config.basic_auth ?? null])),
      hide,
      signal,
    });
  }

  get #title(): string {
    return `The tool "${this.definition.name}"`;
  }

  async #loadedOperation({ callable, signal }: ToolCallRequest): Promise<Operation> {
    const operation = (await this.#load(signal)).find(callable);
    if (operation) return operation;
    throw new ToolFailedError(`${this.definition.name} has no ${callable.name} any more.`, {
      hint: `Look at tools.${this.definition.name}.list().`,
    });
  }

  /** The newest operations; a document is read again where it has changed. */
  async #load(signal?: AbortSignal): Promise<OperationSet> {
    if (this.#operations && !this.#document) return this.#operations;
    this.#loading ??= this.#read().finally(() => {
      this.#loading = undefined;
    });
    const loading = this.#loading;
    return await this.#calls.run(
      {
        signal,
        timeoutMs: undefined,
        onTimeout: () => new ClosedError(this.#title),
        onCancel: () => new CodeModeError('cancelled', `${this.#title} was not asked: the run was stopped.`),
      },
      () => loading,
    );
  }

  async #read(): Promise<OperationSet> {
    const before = this.#failure;
    let read: OperationSet | undefined;
    let failure: unknown;
    try {
      read = await this.#document?.read();
    } catch (error) {
      failure = error;
    }
    if (this.#closed) throw new ClosedError(this.#title);
    this.#operations = read ?? this.#operations;
    this.#failure = failure === undefined ? undefined : this.#services.mask(CodeModeError.describe(failure));
    if (this.#failure !== before && this.#failure !== undefined) {
      this.#services.log(`${this.definition.name}: ${this.#failure.replaceAll('\n', ' ')}`);
    }
    if (read || this.#failure !== before) this.#changed.fire();
    // What was read before is better than nothing.
    if (this.#operations) return this.#operations;
    throw failure;
  }

  /** For people: with `${NAME}` as they are, and without what has the name of a secret. */
  #addressOf(operation: Operation, given: ToolCallRequest['arguments']): string {
    const query = Object.entries(this.definition.config.query).map(
      ([name, value]) =>
        [name, isSecretName(name) && variablesOf(value).length === 0 ? HIDDEN : value] as const,
    );
    const shown = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        isSecretName(name) && value !== null ? HIDDEN : value,
      ]),
    );
    return targetOf(operation, shown, { baseUrl: operation.baseUrl, query });
  }

  #labelOf(operation: Operation, { arguments: given }: ToolCallRequest): string {
    const address = this.#services.mask(this.#addressOf(operation, given));
    const short =
      address.length > MAX_LABEL_CHARACTERS ? `${address.slice(0, MAX_LABEL_CHARACTERS)}…` : address;
    return `${operation.method} ${short}`;
  }
}

function urlOf(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && /^https?:$/.test(url.protocol)) {
    url.hash = '';
    return url;
  }
  throw new ToolFailedError('base_url is no http: or https: URL once it is filled.', {
    hint: 'Look at the value of what it is filled from.',
  });
}
