import * as vscode from 'vscode';
import type { Session } from '../../../core/session/session.ts';
import { errorOf } from '../../notebook/runFailure.ts';
import { plainTextOf } from '../../outputs/plainText.ts';
import { TerminalText } from '../../outputs/terminal.ts';
import { WholeOutput } from '../../outputs/wholeOutput.ts';
import type { RunNode } from './nodes.ts';

/** The scheme of the read-only documents that show what a run has given. */
export const RUN_OUTPUT_SCHEME = 'code-mode-run';
/** Milliseconds from one look of the editor at a run that goes on to the next. */
const REFRESH_MS = 500;
/** Beyond this many UTF-16 code units the editor loads the text from a file by itself. */
const MAX_DOCUMENT_CHARACTERS = 20_000_000;

/** A run that is followed for the document that shows it. */
interface Shown extends vscode.Disposable {
  readonly output: WholeOutput;
  /** Resolved when all that the run gives is there. */
  readonly ended: Promise<void>;
}

/** Shows what runs have printed, displayed and come to, as far as it is kept; a run that goes on is followed. */
export class RunOutputs implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #shown = new Map<string, Shown>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #disposables: vscode.Disposable[];
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#disposables = [
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(RUN_OUTPUT_SCHEME, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === RUN_OUTPUT_SCHEME) this.#drop(uri.toString());
      }),
    ];
  }

  /** Opens the document of a run. */
  async show(session: Session, { info }: RunNode): Promise<void> {
    const name =
      info.title
        .replace(/[\\/?#:]+/gu, ' ')
        .trim()
        .slice(0, 40)
        .trim() || 'run';
    const uri = vscode.Uri.from({ scheme: RUN_OUTPUT_SCHEME, path: `/${name}.txt`, query: info.id });
    const key = uri.toString();
    let shown = this.#shown.get(key);
    if (!shown) {
      shown = this.#follow(session, info.id, uri);
      this.#shown.set(key, shown);
    }
    // What is long is opened as what it is in the end, what goes on at once.
    if (info.endedAt !== null) await shown.ended;
    const isLong = shown.output.length > MAX_DOCUMENT_CHARACTERS;
    const target = isLong ? vscode.Uri.file(shown.output.file()) : uri;
    await vscode.commands.executeCommand('vscode.open', target, { preview: true });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const text = this.#shown.get(uri.toString())?.output.read();
    if (text === undefined) return 'This is not kept any more.\n';
    return text === '' ? 'Nothing was printed, and there is no value.\n' : text;
  }

  dispose(): void {
    for (const key of [...this.#shown.keys()]) this.#drop(key);
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #follow(session: Session, run: string, uri: vscode.Uri): Shown {
    const output = new WholeOutput(uri.path);
    const terminal = new TerminalText();
    const stop = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const add = (text: string) => {
      output.patch(terminal.write(text));
      timer ??= setTimeout(() => {
        timer = undefined;
        if (output.length <= MAX_DOCUMENT_CHARACTERS) this.#changed.fire(uri);
      }, REFRESH_MS);
    };
    const ended = session
      .follow(run, { signal: stop.signal, onEvent: (event) => add(plainTextOf(event)) })
      .then(
        (result) => {
          const error = errorOf(result);
          if (error) add(`${error.traceback.trimEnd()}\n`);
        },
        (error: unknown) => {
          if (!stop.signal.aborted) add(`${error instanceof Error ? error.message : String(error)}\n`);
        },
      );
    return {
      output,
      ended,
      dispose: () => {
        stop.abort();
        clearTimeout(timer);
        output.dispose();
      },
    };
  }

  #drop(key: string): void {
    this.#shown.get(key)?.dispose();
    this.#shown.delete(key);
  }
}
