import type { DisplayOutput, ExecutionError, RunEvent } from '../../core/contract/execution.ts';
import { describeOmitted } from '../../core/session/runs/journal.ts';
import { type EncodedItem, encodeBundle } from './mime.ts';
import { TerminalText, type TextPatch } from './terminal.ts';

/** Where the text goes that a cell does not show. */
export interface WholeSink {
  readonly id: string;
  readonly length: number;
  readonly lines: number;
  patch(patch: TextPatch): void;
  dispose(): void;
}

/** Printed text. */
export interface StreamRecord {
  readonly kind: 'stream';
  readonly stream: 'stdout' | 'stderr';
  text: string;
}

/** A displayed object, or the value of the cell's last expression. */
export interface DisplayRecord {
  readonly kind: 'display';
  readonly displayId: string | undefined;
  readonly isValue: boolean;
  executionCount: number | undefined;
  items: readonly EncodedItem[];
  metadata: DisplayOutput['metadata'];
}

/** The exception that ended the run; the traceback is plain. */
export interface ErrorRecord {
  readonly kind: 'error';
  readonly error: ExecutionError;
  /** What the person should know besides, such as what became of the variables. */
  readonly notice: string | undefined;
}

/** The mark where an output is cut, with what is needed to show the whole. */
export interface CutRecord {
  readonly kind: 'cut';
  readonly whole: WholeSink;
  omittedDisplays: number;
  /** The run is over: the sizes are those of all that it printed. */
  complete: boolean;
}

export type OutputRecord = StreamRecord | DisplayRecord | ErrorRecord | CutRecord;

/** What has to be done to a cell so that it shows the model's newest state. */
export type OutputEdit =
  | { readonly kind: 'replaceAll'; readonly records: readonly OutputRecord[] }
  | { readonly kind: 'append'; readonly record: OutputRecord }
  | { readonly kind: 'appendText'; readonly record: StreamRecord; readonly text: string }
  | { readonly kind: 'replaceItems'; readonly record: OutputRecord };

/** What bounds a cell's outputs. */
export interface OutputLimits {
  /** Characters (UTF-16 code units) of printed text, or of one displayed text, that the cell shows. */
  readonly characters: number;
  /** The execution count that the run will most likely have. */
  readonly executionCount?: number;
  /** Called where an output is cut, for somewhere to put the whole. */
  readonly openWhole: () => WholeSink;
}

/** Outputs of one cell beyond this many would make the editor slow, however small they are. */
const MAX_OUTPUTS = 500;
/** The end of a cut output, where the newest of a long run shows. */
const TAIL_CHARACTERS = 4_000;
/** How far back a terminal movement can reach into the tail: see `TerminalText`. */
const TAIL_KEPT = 80_000;

interface SentState {
  /** How many characters of a stream record the cell has, unchanged. */
  length: number;
  rewritten: boolean;
}

/**
 * What one run of a cell shows, built from its events. Knows nothing of the editor: {@link takeEdits} says
 * what changed since it was last called, so that any number of events becomes a handful of edits.
 */
export class OutputModel {
  readonly #limits: OutputLimits;
  #records: OutputRecord[] = [];
  #sent = new Map<OutputRecord, SentState>();
  #changed = new Set<OutputRecord>();
  #replaceAll = false;
  #clearBeforeNext = false;

  #terminal = new TerminalText();
  #stream: 'stdout' | 'stderr' | undefined;
  #current: StreamRecord | undefined;
  #shown = 0;
  /** Everything printed so far, until it is too much: what a cut output's whole begins with. */
  #head = '';
  #cut: CutRecord | undefined;
  #tail: { record: StreamRecord; kept: string } | undefined;
  #extraWholes: WholeSink[] = [];

  constructor(limits: OutputLimits) {
    this.#limits = limits;
  }

  get records(): readonly OutputRecord[] {
    return this.#records;
  }

  get hasChanges(): boolean {
    return this.#replaceAll || this.#changed.size > 0;
  }

  /** Takes an event in; false for one that is none of the cell's outputs. */
  accept(event: RunEvent): boolean {
    switch (event.kind) {
      case 'stdout':
      case 'stderr':
        this.#clearIfAsked();
        this.#print(event.kind, event.text);
        return true;
      case 'display':
        this.#clearIfAsked();
        this.#display(event.output);
        return true;
      case 'omitted':
        this.#clearIfAsked();
        this.#print('stderr', describeOmitted(event));
        return true;
      case 'clearOutput':
        if (event.wait) this.#clearBeforeNext = true;
        else this.clear();
        return true;
      default:
        return false;
    }
  }

  /** Replaces what was displayed under the update's id; false if nothing here has that id. */
  update(output: DisplayOutput): boolean {
    let found = false;
    for (const record of this.#records) {
      if (record.kind !== 'display' || record.displayId !== output.displayId) continue;
      record.items = this.#cutText(encodeBundle(output.data)).items;
      record.metadata = output.metadata;
      this.#changed.add(record);
      found = true;
    }
    return found;
  }

  /** Adds the exception that ended the run, and below it what the person should know besides. */
  fail(error: ExecutionError, notice?: string): void {
    this.#clearIfAsked();
    this.#endStream();
    this.#push({ kind: 'error', error, notice });
  }

  /** The run is over: the mark of a cut output says how much there was, and the value gets its number. */
  finish(executionCount: number | undefined): void {
    for (const record of this.#records) {
      if (record.kind === 'cut') {
        record.complete = true;
        this.#changed.add(record);
      }
      if (record.kind !== 'display' || !record.isValue || executionCount === undefined) continue;
      if (record.executionCount === executionCount) continue;
      record.executionCount = executionCount;
      // The number is metadata, which only a new output can change.
      if (this.#sent.has(record)) this.#replaceAll = true;
    }
  }

  /** Takes all outputs away. */
  clear(): void {
    this.#clearBeforeNext = false;
    if (this.#records.length === 0) return;
    this.#records = [];
    this.#changed.clear();
    this.#replaceAll = true;
    this.#endStream();
    this.#shown = 0;
    this.#head = '';
    this.#disposeWholes();
  }

  /** What to do so that the cell shows the newest state; the caller does it, in order. */
  takeEdits(): OutputEdit[] {
    const edits: OutputEdit[] = [];
    // Only now, since looking at a text that grows by many small pieces makes each of them cost a copy.
    if (this.#tail && this.#changed.has(this.#tail.record)) this.#rewriteTail(this.#tail);
    if (this.#replaceAll) {
      edits.push({ kind: 'replaceAll', records: [...this.#records] });
      this.#sent = new Map(this.#records.map((record) => [record, sentNow(record)]));
    } else {
      for (const record of this.#changed) {
        const sent = this.#sent.get(record);
        if (!sent) edits.push({ kind: 'append', record });
        else if (record.kind !== 'stream' || sent.rewritten) edits.push({ kind: 'replaceItems', record });
        else if (record.text.length > sent.length)
          edits.push({ kind: 'appendText', record, text: record.text.slice(sent.length) });
        this.#sent.set(record, sentNow(record));
      }
    }
    this.#replaceAll = false;
    this.#changed.clear();
    return edits;
  }

  /** Lets go of the text that is kept elsewhere. */
  dispose(): void {
    this.#disposeWholes();
  }

  #print(stream: 'stdout' | 'stderr', text: string): void {
    if (text === '') return;
    if (stream !== this.#stream) this.#endStream();
    this.#stream = stream;
    const patch = this.#terminal.write(text);
    if (patch.drop === 0 && patch.text === '') return;
    if (this.#cut) this.#overflow(this.#cut, patch);
    else this.#show(stream, patch);
  }

  #show(stream: 'stdout' | 'stderr', patch: TextPatch): void {
    const fresh = !this.#current;
    if (fresh && this.#records.length >= MAX_OUTPUTS) {
      this.#overflow(this.#startCut(), patch);
      return;
    }
    this.#current ??= { kind: 'stream', stream, text: '' };
    const record = this.#current;
    const room = this.#limits.characters - this.#shown;
    const growth = patch.text.length - patch.drop;
    this.#head = patched(this.#head, patch);
    if (fresh) this.#push(record);
    if (growth <= room) {
      this.#rewrite(record, patched(record.text, patch), patch.drop);
      return;
    }
    const whole = patched(record.text, patch);
    const end = lineEndBefore(whole, record.text.length + room);
    this.#rewrite(record, whole.slice(0, end), patch.drop);
    if (record.text === '') this.#remove(record);
    this.#overflow(this.#startCut(), { drop: 0, text: whole.slice(end) }, false);
  }

  /** Printed text past the limit: to the whole, and its newest part to the tail. */
  #overflow(cut: CutRecord, patch: TextPatch, record = true): void {
    if (record) cut.whole.patch(patch);
    if (!this.#tail) {
      this.#tail = { record: { kind: 'stream', stream: 'stdout', text: '' }, kept: '' };
      this.#push(this.#tail.record);
    }
    const kept = patched(this.#tail.kept, patch);
    this.#tail.kept = kept.length > 2 * TAIL_KEPT ? kept.slice(-TAIL_KEPT) : kept;
    this.#changed.add(this.#tail.record);
  }

  #rewriteTail({ record, kept }: { record: StreamRecord; kept: string }): void {
    const text = newest(kept, Math.min(TAIL_CHARACTERS, this.#limits.characters));
    this.#rewrite(record, text, text.startsWith(record.text) ? 0 : record.text.length);
  }

  #startCut(): CutRecord {
    this.#current = undefined;
    const whole = this.#limits.openWhole();
    whole.patch({ drop: 0, text: this.#head });
    this.#head = '';
    this.#cut = { kind: 'cut', whole, omittedDisplays: 0, complete: false };
    this.#push(this.#cut);
    return this.#cut;
  }

  #rewrite(record: StreamRecord, text: string, dropped: number): void {
    this.#shown += text.length - record.text.length;
    const sent = this.#sent.get(record);
    const unchanged = record.text.length - dropped;
    if (sent && sent.length > unchanged) sent.rewritten = true;
    record.text = text;
    this.#changed.add(record);
  }

  #display(output: DisplayOutput): void {
    this.#endStream();
    if (this.#records.length >= MAX_OUTPUTS) {
      const cut = this.#cut ?? this.#startCut();
      cut.omittedDisplays++;
      const text = output.data['text/plain'];
      cut.whole.patch({
        drop: 0,
        text: `${typeof text === 'string' ? text : Object.keys(output.data).join(', ')}\n`,
      });
      return;
    }
    const { items, whole } = this.#cutText(encodeBundle(output.data));
    this.#push({
      kind: 'display',
      displayId: output.displayId,
      isValue: output.isValue ?? false,
      executionCount: output.isValue ? this.#limits.executionCount : undefined,
      items,
      metadata: output.metadata,
    });
    if (whole !== undefined) {
      const sink = this.#limits.openWhole();
      sink.patch({ drop: 0, text: whole });
      this.#extraWholes.push(sink);
      this.#push({ kind: 'cut', whole: sink, omittedDisplays: 0, complete: true });
    }
  }

  /** Cuts a displayed text that is too long to show; what has a richer form is shown in that, whole. */
  #cutText(items: EncodedItem[]): { items: EncodedItem[]; whole?: string } {
    const only = items.length === 1 ? items[0] : undefined;
    if (only?.mime !== 'text/plain' || typeof only.data !== 'string') return { items };
    const text = only.data;
    if (text.length <= this.#limits.characters) return { items };
    const end = notWithinPair(text, this.#limits.characters);
    return { items: [{ mime: only.mime, data: `${text.slice(0, end)} …` }], whole: text };
  }

  #push(record: OutputRecord): void {
    this.#records.push(record);
    this.#changed.add(record);
  }

  #remove(record: OutputRecord): void {
    this.#records = this.#records.filter((other) => other !== record);
    this.#changed.delete(record);
    if (this.#sent.has(record)) this.#replaceAll = true;
  }

  #clearIfAsked(): void {
    if (this.#clearBeforeNext) this.clear();
  }

  #endStream(): void {
    this.#terminal = new TerminalText();
    this.#stream = undefined;
    this.#current = undefined;
  }

  #disposeWholes(): void {
    this.#cut?.whole.dispose();
    for (const whole of this.#extraWholes) whole.dispose();
    this.#cut = undefined;
    this.#tail = undefined;
    this.#extraWholes = [];
  }
}

function patched(text: string, { drop, text: added }: TextPatch): string {
  return drop === 0 ? text + added : text.slice(0, Math.max(0, text.length - drop)) + added;
}

function sentNow(record: OutputRecord): SentState {
  return { length: record.kind === 'stream' ? record.text.length : 0, rewritten: false };
}

/** The end of the last whole line before `limit`, or `limit` where one line alone is longer. */
function lineEndBefore(text: string, limit: number): number {
  const end = text.lastIndexOf('\n', limit - 1) + 1;
  return end > 0 && end > limit - 2_000 ? end : notWithinPair(text, limit);
}

function newest(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const start = text.length - limit;
  const line = text.indexOf('\n', start) + 1;
  if (line > 0 && line < start + limit / 2) return text.slice(line);
  return text.slice((text.charCodeAt(start) & 0xfc00) === 0xdc00 ? start + 1 : start);
}

function notWithinPair(text: string, index: number): number {
  return (text.charCodeAt(index - 1) & 0xfc00) === 0xd800 ? index - 1 : index;
}
