import { stripVTControlCharacters } from 'node:util';

/** Podman, and Docker without BuildKit: `[1/2] STEP 2/5: RUN make`. */
const STEP = /^(?:\[\d+\/\d+\] )?step (\d+)\/(\d+) ?: (.+)$/iu;
/** BuildKit: `#7 [base 2/5] RUN make`. */
const KIT_STEP = /^#\d+ \[(?:[^\]]* )?(\d+)\/(\d+)\] (.+)$/u;
/** BuildKit: `#7 1.532 what the step prints`. */
const KIT_OUTPUT = /^#\d+ \d+\.\d+ ?(.*)$/u;
/** What engines say of their own work. */
const ENGINE = [
  /^#\d+ /u,
  /^-+>/u,
  /^\s+--->/u,
  /^(?:sha256:)?[0-9a-f]{12,64}$/u,
  /^COMMIT\b/u,
  /^Successfully (?:tagged|built)/u,
  /^Sending build context/u,
  /^Removing (?:intermediate )?container/u,
  /^(?:Getting image source|Copying (?:blob|config)|Writing manifest|Storing signatures)/u,
  /^DEPRECATED: The legacy builder|^\s+(?:Install the buildx component|https:\/\/docs\.docker\.com\/go\/buildx)/u,
  /^Error(?: response from daemon)?: /iu,
  /^building at STEP /u,
];

const KEPT_LINES = 10;

/** What an engine prints while it builds an image, in one form for all of them. */
export class BuildOutput {
  /** The instruction that is done at the moment; undefined: it has not come so far. */
  step: string | undefined;
  readonly #last: string[] = [];

  /** Whether an instruction is done that comes after the fetching of what it builds on. */
  get isAtInstruction(): boolean {
    return this.step !== undefined && !/^FROM\b/iu.test(this.step);
  }

  /** A line for people; undefined: it says nothing to them. */
  read(raw: string): string | undefined {
    const line = stripVTControlCharacters(raw).trimEnd();
    const [, number, count, instruction] = STEP.exec(line) ?? KIT_STEP.exec(line) ?? [];
    if (instruction !== undefined) {
      if (instruction === this.step) return undefined;
      this.step = instruction;
      this.#last.length = 0;
      return `Step ${number} of ${count}: ${instruction}`;
    }
    const printed = KIT_OUTPUT.exec(line)?.[1] ?? line;
    if (printed.trim() === '' || (printed === line && ENGINE.some((pattern) => pattern.test(line)))) {
      return undefined;
    }
    this.#last.push(printed);
    if (this.#last.length > KEPT_LINES) this.#last.shift();
    return printed;
  }

  /** The end of what the instruction has printed. */
  get last(): readonly string[] {
    return this.#last;
  }
}
