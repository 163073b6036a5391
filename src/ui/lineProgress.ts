import * as vscode from 'vscode';

/** How work is followed that tells what it does in lines. */
export interface FollowedLines {
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/**
 * Shows work, such as that of an installer, in a notification, with its newest line and a button to cancel it. All lines
 * go to the log.
 */
export async function withLineProgress<T>(
  title: string,
  log: vscode.LogOutputChannel,
  work: (options: FollowedLines) => Promise<T>,
): Promise<T> {
  return await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const controller = new AbortController();
      const subscription = token.onCancellationRequested(() => controller.abort());
      log.info(`${title}.`);
      try {
        return await work({
          signal: controller.signal,
          onProgress: (line) => {
            log.info(line);
            if (line.trim() !== '') progress.report({ message: line.trim() });
          },
        });
      } finally {
        subscription.dispose();
      }
    },
  );
}
