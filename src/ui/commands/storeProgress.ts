import * as vscode from 'vscode';
import type { Progress } from '../../core/storage/transfer/progress.ts';

/** Milliseconds between two messages. */
const PERIOD_MS = 100;

/** Shows how far work on stores has come, with a button to stop it. */
export async function withStoreProgress<T>(
  title: string,
  work: (followed: { signal: AbortSignal; onProgress: (progress: Progress) => void }) => Promise<T>,
): Promise<T> {
  return await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (shown, token) => {
      const controller = new AbortController();
      const subscription = token.onCancellationRequested(() => controller.abort());
      let shownAt = 0;
      try {
        return await work({
          signal: controller.signal,
          onProgress: ({ kind, name, done, total }) => {
            if (performance.now() - shownAt < PERIOD_MS) return;
            shownAt = performance.now();
            shown.report({ message: `${done + 1} of ${total}: ${kind} ${name}` });
          },
        });
      } finally {
        subscription.dispose();
      }
    },
  );
}
