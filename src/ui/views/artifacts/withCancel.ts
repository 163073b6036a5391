import * as vscode from 'vscode';

/** What a long piece of work is told, and tells. */
export interface Followed {
  readonly signal: AbortSignal;
  /** So many more bytes are done. */
  readonly onBytes: (count: number) => void;
  /** What is done now. */
  readonly onStep: (name: string) => void;
}

/** Bytes that are copied before anybody could stop it. */
const SMALL_BYTES = 16 * 1024 * 1024;

/** Shows how far copying has come, with a button to stop it where it takes a while. @param total bytes in all */
export async function withCancel<T>(
  title: string,
  total: number,
  work: (followed: Followed) => Promise<T>,
): Promise<T> {
  return vscode.window.withProgress(
    total < SMALL_BYTES
      ? { location: { viewId: 'codeMode.artifacts' } }
      : { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const controller = new AbortController();
      const subscription = token.onCancellationRequested(() => controller.abort());
      try {
        return await work({
          signal: controller.signal,
          onBytes: (count) => progress.report({ increment: total > 0 ? (100 * count) / total : 0 }),
          onStep: (name) => progress.report({ message: name }),
        });
      } finally {
        subscription.dispose();
      }
    },
  );
}
