import { Emitter } from '../../common/events.ts';
import type { DisplayOutput, Json, MimeBundle, OmittedOutput, RunEvent } from '../../contract/execution.ts';

/** What a journal keeps of one run, about, in characters and bytes: what is older is left out and marked. */
export const JOURNAL_LIMIT = 32_000_000;
/** What an event costs beside its text, about. */
const EVENT_OVERHEAD = 100;

/** How far somebody has read. */
export interface JournalPosition {
  /** Of the event to read next, counted from the run's first one. */
  readonly index: number;
  /** Characters of that event's text that were read. */
  readonly offset: number;
  /** What was read or left out so far. */
  readonly characters: number;
  readonly displays: number;
}

/** Where a run begins. */
export const JOURNAL_START: JournalPosition = { index: 0, offset: 0, characters: 0, displays: 0 };

interface Entry {
  /** Undefined: an update that a later one of the same display stands in for. */
  event: RunEvent | undefined;
  size: number;
  /** How much the run had given before it. */
  readonly characters: number;
  readonly displays: number;
}

/** Where in the journal a display and the newest update of it are. */
interface DisplayPlaces {
  display: number;
  update: number | undefined;
}

/**
 * The events of one run, in order: what a slow client, one that comes later and a window that was reloaded read at
 * their own pace. Bounded: the oldest events go first, and whoever had not read them is told.
 */
export class RunJournal {
  readonly #limit: number;
  readonly #appended = new Emitter<RunEvent>();
  #entries: Entry[] = [];
  /** The number of the first entry that is kept. */
  #first = 0;
  #size = 0;
  #characters = 0;
  #displays = 0;
  #places = new Map<string, DisplayPlaces>();

  /** Fired with each event, after it can be read. */
  readonly onDidAppend = this.#appended.event;

  constructor(limit = JOURNAL_LIMIT) {
    this.#limit = limit;
  }

  /** What is kept, about, in characters and bytes. */
  get size(): number {
    return this.#size;
  }

  append(event: RunEvent): void {
    const index = this.#first + this.#entries.length;
    if (event.kind === 'updateDisplay') this.#supersede(event.output, index);
    if (event.kind === 'display' && event.output.displayId !== undefined) {
      this.#places.set(event.output.displayId, { display: index, update: undefined });
    }
    const size = sizeOfEvent(event);
    this.#entries.push({ event, size, characters: this.#characters, displays: this.#displays });
    this.#size += size;
    if ('text' in event) this.#characters += event.text.length;
    else if ('output' in event) this.#displays += 1;
    this.#dropOldest();
    this.#appended.fire(event);
  }

  /** Whether there is nothing to read from `position` on. */
  isAtEnd(position: JournalPosition): boolean {
    return position.index >= this.#first + this.#entries.length;
  }

  /**
   * The events from `position` on: up to about `maxCharacters`, at least one if there is one. Pieces of text that follow
   * each other in one stream are given as one.
   */
  read(
    position: JournalPosition,
    maxCharacters: number,
  ): { readonly events: readonly RunEvent[]; readonly next: JournalPosition } {
    const events: RunEvent[] = [];
    let { index, offset } = position;
    const missed = this.#missed(position);
    if (missed) {
      events.push(missed);
      index = this.#first;
      offset = 0;
    }
    let room = maxCharacters;
    for (; room > 0; index += 1, offset = 0) {
      const entry = this.#entries[index - this.#first];
      if (!entry) break;
      if (!entry.event) continue;
      if (!('text' in entry.event)) {
        events.push(entry.event);
        room -= entry.size;
        continue;
      }
      const { kind, text } = entry.event;
      const end = cutBefore(text, offset + room);
      pushText(events, kind, text.slice(offset, end));
      room -= end - offset;
      if (end < text.length) return { events, next: this.#position(index, end) };
    }
    return { events, next: this.#position(index, 0) };
  }

  /** Forgets everything; whoever still reads is told. */
  clear(): void {
    this.#first += this.#entries.length;
    this.#entries = [];
    this.#size = 0;
    this.#places.clear();
    this.#appended.dispose();
  }

  #position(index: number, offset: number): JournalPosition {
    const entry = this.#entries[index - this.#first];
    return {
      index,
      offset,
      characters: (entry?.characters ?? this.#characters) + offset,
      displays: entry?.displays ?? this.#displays,
    };
  }

  #missed(position: JournalPosition): OmittedOutput | undefined {
    if (position.index >= this.#first) return undefined;
    const { characters, displays } = this.#position(this.#first, 0);
    return {
      kind: 'omitted',
      characters: characters - position.characters,
      displays: displays - position.displays,
    };
  }

  /**
   * A display that is updated ten thousand times is kept once: who comes later finds its newest form in its place, and who
   * has read that far the newest update alone.
   */
  #supersede(output: DisplayOutput & { readonly displayId: string }, index: number): void {
    const places = this.#places.get(output.displayId);
    if (!places) return;
    const display = this.#entries[places.display - this.#first];
    if (display?.event?.kind === 'display') {
      const { isValue } = display.event.output;
      this.#replace(display, { kind: 'display', output: { ...output, ...(isValue ? { isValue } : {}) } });
    }
    const update = this.#entries[(places.update ?? -1) - this.#first];
    if (update) this.#replace(update, undefined);
    places.update = index;
  }

  #replace(entry: Entry, event: RunEvent | undefined): void {
    const size = event ? sizeOfEvent(event) : EVENT_OVERHEAD;
    this.#size += size - entry.size;
    entry.event = event;
    entry.size = size;
  }

  #dropOldest(): void {
    if (this.#size <= this.#limit) return;
    // The newest stays whatever it takes. Down to less than the bound, so that it is not done for each line.
    const wanted = this.#limit * 0.9;
    let count = 0;
    for (; count < this.#entries.length - 1 && this.#size > wanted; count += 1) {
      this.#size -= this.#entries[count]!.size;
    }
    this.#entries.splice(0, count);
    this.#first += count;
  }
}

/** What the listener of a run is shown in place of what it missed. */
export function describeOmitted({ characters, displays }: OmittedOutput): string {
  const parts = [
    ...(characters > 0 ? [`${characters.toLocaleString('en-US')} characters of output`] : []),
    ...(displays > 0 ? [`${displays.toLocaleString('en-US')} displays`] : []),
  ];
  return `\n… ${parts.join(' and ') || 'Some output'} left out here …\n`;
}

/** Characters and bytes of a bundle, about. */
export function sizeOfBundle(bundle: MimeBundle): number {
  let size = 0;
  for (const value of Object.values(bundle)) {
    if (typeof value === 'string') size += value.length;
    else size += value instanceof Uint8Array ? value.byteLength : sizeOfJson(value);
  }
  return size;
}

/** What an array or object costs beside what is in it, and what an element costs, about, in bytes. */
const CONTAINER_OVERHEAD = 50;
const ELEMENT_SIZE = 8;

/** Characters and bytes of JSON data in memory, about. */
export function sizeOfJson(data: Json): number {
  if (typeof data === 'string') return data.length;
  if (typeof data !== 'object' || data === null) return 0;
  let size = CONTAINER_OVERHEAD;
  if (Array.isArray(data)) {
    for (const item of data) size += ELEMENT_SIZE + sizeOfJson(item);
    return size;
  }
  for (const [key, item] of Object.entries(data)) size += ELEMENT_SIZE + key.length + sizeOfJson(item);
  return size;
}

function sizeOfEvent(event: RunEvent): number {
  if ('text' in event) return EVENT_OVERHEAD + event.text.length;
  return 'output' in event ? EVENT_OVERHEAD + sizeOfBundle(event.output.data) : EVENT_OVERHEAD;
}

function pushText(events: RunEvent[], kind: 'stdout' | 'stderr', text: string): void {
  const last = events.at(-1);
  if (last?.kind === kind) events[events.length - 1] = { kind, text: last.text + text };
  else events.push({ kind, text });
}

/** The end of the text or `end`, but not in the middle of a character. */
function cutBefore(text: string, end: number): number {
  if (end >= text.length) return text.length;
  const code = text.charCodeAt(end);
  return code >= 0xdc00 && code <= 0xdfff ? end + 1 : end;
}
