/** What {@link FigureWatch} works with. */
export interface FigureWatchOptions<Figure> {
  /** What a session takes, beside what it took before; undefined where that can't be told. */
  readonly ask: (session: string, before: Figure | undefined) => Promise<Figure | undefined>;
  /** All were asked once more. */
  readonly onRound: () => void;
  /** Milliseconds from one round to the next; by default 5,000. */
  readonly intervalMs?: number;
  /** Milliseconds after which a session that does not answer holds up nobody any more; by default 2,000. */
  readonly patienceMs?: number;
}

/** How many sessions are asked at the same time. */
const CONCURRENT = 4;

/** Asks sessions again and again what they take, such as memory, as long as somebody looks. */
export class FigureWatch<Figure> {
  readonly #options: Required<FigureWatchOptions<Figure>>;
  readonly #figures = new Map<string, Figure | undefined>();
  readonly #unanswered = new Set<string>();
  #sessions: readonly string[] = [];
  #isWatching = false;
  #isAsking = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FigureWatchOptions<Figure>) {
    this.#options = { intervalMs: 5_000, patienceMs: 2_000, ...options };
  }

  /** The last figure of a session; undefined: it gave none. */
  get(session: string): Figure | undefined {
    return this.#figures.get(session);
  }

  /** From now on these are asked, and only these, round by round; there may be none for now. */
  watch(sessions: readonly string[]): void {
    this.#sessions = sessions;
    this.#isWatching = true;
    for (const known of [...this.#figures.keys()]) if (!sessions.includes(known)) this.#figures.delete(known);
    const isNew = (session: string) => !this.#figures.has(session) && !this.#unanswered.has(session);
    if (this.#timer === undefined || sessions.some(isNew)) void this.#round();
  }

  /** No more rounds until {@link watch} is called again; the figures are kept. */
  pause(): void {
    this.#isWatching = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #round(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const due = this.#sessions.filter((session) => !this.#unanswered.has(session)).values();
    const askInTurn = async () => {
      for (const session of due) await this.#ask(session);
    };
    await Promise.all(Array.from({ length: CONCURRENT }, askInTurn));
    this.#isAsking = false;
    if (!this.#isWatching) return;
    this.#timer = setTimeout(() => void this.#round(), this.#options.intervalMs);
    this.#options.onRound();
  }

  /** Resolves with the answer or when patience has run out: an answer that comes later counts all the same. */
  async #ask(session: string): Promise<void> {
    this.#unanswered.add(session);
    const answer = this.#options.ask(session, this.#figures.get(session)).then(
      (figure) => this.#keep(session, figure),
      () => this.#keep(session, this.#figures.get(session)),
    );
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.patienceMs);
    });
    await Promise.race([answer, patience]);
    clearTimeout(timer);
  }

  #keep(session: string, figure: Figure | undefined): void {
    this.#unanswered.delete(session);
    if (this.#sessions.includes(session)) this.#figures.set(session, figure);
  }
}
