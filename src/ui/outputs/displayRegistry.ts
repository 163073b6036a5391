import type { DisplayOutput } from '../../core/contract/execution.ts';
import type { Session } from '../../core/session/session.ts';
import type { CellOutputs } from './cellOutputs.ts';

/**
 * Knows which cells show something under a display id, so that an update reaches them wherever they are: in
 * earlier cells, and in every notebook that shares the session.
 */
export class DisplayRegistry {
  readonly #sessions = new WeakMap<Session, Map<string, Set<CellOutputs>>>();

  /** A cell shows an output under this id. */
  add(session: Session, displayId: string, outputs: CellOutputs): void {
    const displays = this.#sessions.get(session) ?? new Map<string, Set<CellOutputs>>();
    this.#sessions.set(session, displays);
    const cells = displays.get(displayId);
    if (cells) cells.add(outputs);
    else displays.set(displayId, new Set([outputs]));
  }

  /** Replaces what is shown under the id of `output`, in all cells; unknown ids are no error, as in Jupyter. */
  update(session: Session, output: DisplayOutput & { readonly displayId: string }): void {
    const cells = this.#sessions.get(session)?.get(output.displayId);
    for (const outputs of cells ?? []) {
      if (!outputs.update(output)) cells?.delete(outputs);
    }
  }
}
