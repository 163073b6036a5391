import { Emitter } from '../../core/common/events.ts';
import type { ContainerControl } from '../../core/contract/container.ts';
import type { Dependencies } from '../../core/contract/dependencies.ts';
import type { ExecutionResult, RunEvent, ToolCall } from '../../core/contract/execution.ts';
import type { CompletionResult, Inspection, Variable } from '../../core/contract/introspection.ts';
import type {
  FollowOptions,
  RunInfo,
  Session,
  SessionInfo,
  SessionLabel,
  SessionRunOptions,
} from '../../core/session/session.ts';

/** More of a value than this is never shown beside code. */
const MAX_VALUE_CHARACTERS = 20_000;

const valueTexts = new WeakMap<ExecutionResult, string>();

/**
 * How Python itself writes the value of a run of this window, bounded: `1.0` stays `1.0`, where the result's
 * JSON has only `1`.
 */
export function valueTextOf(result: ExecutionResult): string | undefined {
  return valueTexts.get(result);
}

/**
 * A session as this window uses it: runs take the timeout that is set at that moment, and everyone hears when
 * the variables are cleared.
 */
export class WindowSession implements Session {
  readonly #inner: Session;
  readonly #timeoutS: () => number | null;
  readonly #onDidClear = new Emitter<void>();

  /** The variables are gone: the session was reset or its interpreter started afresh. */
  readonly onDidClear = this.#onDidClear.event;
  readonly onDidChange: Session['onDidChange'];
  readonly onDidRun: Session['onDidRun'];
  readonly onDidCallTool: Session['onDidCallTool'];
  readonly onDidEmit: Session['onDidEmit'];
  readonly onDidClose: Session['onDidClose'];

  /** @param timeoutS - gives the timeout of the settings in seconds, null for none; may throw a SettingsError */
  constructor(inner: Session, timeoutS: () => number | null) {
    this.#inner = inner;
    this.#timeoutS = timeoutS;
    this.onDidChange = inner.onDidChange;
    this.onDidRun = inner.onDidRun;
    this.onDidCallTool = inner.onDidCallTool;
    this.onDidEmit = inner.onDidEmit;
    this.onDidClose = inner.onDidClose;
    // Not to be disposed one by one: the session drops its listeners when it is closed.
    let { clearings } = inner.info;
    inner.onDidChange((info) => {
      if (info.clearings !== clearings) this.#onDidClear.fire();
      clearings = info.clearings;
    });
    inner.onDidClose(() => this.#onDidClear.fire());
  }

  get id(): string {
    return this.#inner.id;
  }

  get info(): SessionInfo {
    return this.#inner.info;
  }

  get dependencies(): Dependencies {
    return this.#inner.dependencies;
  }

  get container(): ContainerControl | undefined {
    return this.#inner.container;
  }

  start(): Promise<void> {
    return this.#inner.start();
  }

  async run(code: string, options: SessionRunOptions = {}): Promise<ExecutionResult> {
    const timeoutS = options.timeoutS === undefined ? this.#timeoutS() : options.timeoutS;
    return keepValueText(options, (kept) => this.#inner.run(code, { ...kept, timeoutS }));
  }

  runs(): Promise<readonly RunInfo[]> {
    return this.#inner.runs();
  }

  follow(run: string, options: FollowOptions = {}): Promise<ExecutionResult> {
    return keepValueText(options, (kept) => this.#inner.follow(run, kept));
  }

  toolCalls(run: string): Promise<readonly ToolCall[]> {
    return this.#inner.toolCalls(run);
  }

  cancel(run: string): Promise<boolean> {
    return this.#inner.cancel(run);
  }

  cancelStart(): Promise<void> {
    return this.#inner.cancelStart();
  }

  interrupt(): Promise<boolean> {
    return this.#inner.interrupt();
  }

  reset(): Promise<void> {
    return this.#inner.reset();
  }

  restart(): Promise<void> {
    return this.#inner.restart();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  complete(code: string, cursor: number): Promise<CompletionResult> {
    return this.#inner.complete(code, cursor);
  }

  inspect(code: string, cursor: number): Promise<Inspection | null> {
    return this.#inner.inspect(code, cursor);
  }

  variables(): Promise<readonly Variable[]> {
    return this.#inner.variables();
  }

  memory(): Promise<number | undefined> {
    return this.#inner.memory();
  }

  relabel(label: SessionLabel): Promise<void> {
    return this.#inner.relabel(label);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Keeps the text of the value that a run displays, for {@link valueTextOf}. */
async function keepValueText<Options extends FollowOptions>(
  options: Options,
  run: (options: Options) => Promise<ExecutionResult>,
): Promise<ExecutionResult> {
  let valueText: string | undefined;
  const onEvent = (event: RunEvent) => {
    if (event.kind === 'display' && event.output.isValue) {
      const text = event.output.data['text/plain'];
      if (typeof text === 'string') valueText = text.slice(0, MAX_VALUE_CHARACTERS);
    }
    options.onEvent?.(event);
  };
  const result = await run({ ...options, onEvent });
  if (valueText !== undefined) valueTexts.set(result, valueText);
  return result;
}
