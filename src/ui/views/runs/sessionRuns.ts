import { isDeepStrictEqual } from 'node:util';
import type { Subscription } from '../../../core/common/events.ts';
import type { ToolCall } from '../../../core/contract/execution.ts';
import type { RunInfo, Session } from '../../../core/session/session.ts';
import { PAGE } from '../pages.ts';
import type { CallNode, Node, RunNode, SessionNode } from './nodes.ts';

/** What {@link SessionRuns} is made with. */
export interface SessionRunsOptions {
  readonly session: Session;
  /** What these lines say, or which ones are below them, has changed. */
  readonly onChange: (changed: ReadonlySet<Node>) => void;
  readonly onError: (error: unknown) => void;
  /** Milliseconds for which changes are gathered; by default 150. */
  readonly gatherMs?: number;
}

/** Calls of a run that are kept here: as many as the session lists. */
const MAX_CALLS = 1000;

/** The runs of one session, followed as long as somebody looks at them. */
export class SessionRuns {
  readonly session: Session;
  readonly node: SessionNode;
  readonly #options: Required<SessionRunsOptions>;
  readonly #changed = new Set<Node>();
  readonly #opening = new WeakMap<RunNode, Promise<void>>();
  readonly #subscriptions: readonly Subscription[];
  #timer: NodeJS.Timeout | undefined;
  #isLoading = false;
  #isStale = false;
  #isDisposed = false;
  #isClosed = false;

  constructor(options: SessionRunsOptions) {
    this.#options = { gatherMs: 150, ...options };
    const { session } = options;
    this.session = session;
    this.node = { kind: 'session', id: session.id, title: session.info.title, runs: [] };
    this.#subscriptions = [
      session.onDidRun(() => this.#reloadSoon()),
      session.onDidCallTool(({ run, call }) => this.#onCall(run, call)),
      session.onDidClose(() => {
        this.#isClosed = true;
      }),
    ];
  }

  /** Whether the session has ended: another one of that id is another one. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Reads which runs there are. @throws CodeModeError */
  async load(): Promise<void> {
    const infos = await this.session.runs();
    if (!this.#isDisposed) this.#show(infos);
  }

  /** Reads the calls of a run, once, and follows them from now on. @throws CodeModeError */
  open(run: RunNode): Promise<void> {
    let opening = this.#opening.get(run);
    if (!opening) {
      opening = this.#open(run);
      this.#opening.set(run, opening);
      // The next one tries again.
      opening.catch(() => this.#opening.delete(run));
    }
    return opening;
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #open(run: RunNode): Promise<void> {
    const came = new Map<string, CallNode>();
    run.calls = came;
    const calls = await this.session.toolCalls(run.info.id);
    run.calls = new Map();
    for (const call of calls) {
      // What has come in between is as new, or newer.
      run.calls.set(call.id, came.get(call.id) ?? { kind: 'call', run, call });
    }
    for (const [id, node] of came) run.calls.set(id, node);
  }

  #show(infos: readonly RunInfo[]): void {
    const known = new Map(this.node.runs.map((run) => [run.info.id, run]));
    const before = this.node.runs;
    this.node.runs = infos.toReversed().map((info): RunNode => {
      const run = known.get(info.id);
      if (!run) return { kind: 'run', session: this.node, info, calls: undefined, shown: PAGE };
      if (!isDeepStrictEqual(run.info, info)) {
        run.info = info;
        this.#tell(run);
      }
      return run;
    });
    const isSameList =
      before.length === this.node.runs.length && before.every((run, at) => run === this.node.runs[at]);
    if (!isSameList || this.node.title !== this.session.info.title) this.#tell(this.node);
    this.node.title = this.session.info.title;
  }

  #onCall(id: string, call: ToolCall): void {
    // How many there are is told by the run itself.
    if (call.durationMs === null) this.#reloadSoon();
    const run = this.node.runs.find(({ info }) => info.id === id);
    if (!run?.calls) return;
    const known: CallNode | undefined = run.calls.get(call.id);
    if (known) {
      known.call = call;
      this.#tell(known);
    } else if (run.calls.size < MAX_CALLS) {
      run.calls.set(call.id, { kind: 'call', run, call });
      this.#tell(run);
    }
  }

  #reloadSoon(): void {
    this.#isStale = true;
    this.#soon();
  }

  #tell(node: Node): void {
    this.#changed.add(node);
    this.#soon();
  }

  #soon(): void {
    if (this.#isDisposed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#flush();
    }, this.#options.gatherMs);
  }

  async #flush(): Promise<void> {
    if (this.#isStale && !this.#isLoading) {
      this.#isStale = false;
      this.#isLoading = true;
      await this.load().catch(this.#options.onError);
      this.#isLoading = false;
      if (this.#isStale) this.#soon();
    }
    if (this.#isDisposed || this.#changed.size === 0) return;
    const changed = new Set(this.#changed);
    this.#changed.clear();
    this.#options.onChange(changed);
  }
}
