import * as vscode from 'vscode';
import type { DependencyFailure, InstallResult, RemoveResult } from '../../../core/contract/dependencies.ts';

/** Milliseconds for which the status bar says what was done. */
const SHOWN_MS = 6000;
/** Characters of an installer's reason that a message shows. */
const SHOWN_REASON = 400;

/** Says in the status bar what was done. */
export function say(text: string): void {
  vscode.window.setStatusBarMessage(text, SHOWN_MS);
}

/** Says what an install came to. @param nothing - what is said where nothing had to be done. @throws Error for what failed */
export function tellInstalled({ installed, failed }: InstallResult, nothing: string): void {
  if (installed.length > 0) say(`$(check) Installed ${installed.join(', ')}.`);
  else if (failed.length === 0) say(nothing);
  throwFailures('installed', failed);
}

/** Says what a removal came to. @throws Error for what failed */
export function tellRemoved({ removed, notFound, failed, removedFromConfig }: RemoveResult): void {
  if (removed.length > 0) say(`$(check) Removed ${removed.join(', ')}.`);
  else if (removedFromConfig) say(`$(check) Took ${notFound.join(', ')} out of the configuration.`);
  throwFailures('removed', failed);
}

function throwFailures(done: string, failed: readonly DependencyFailure[]): void {
  const [first] = failed;
  if (!first) return;
  const names = failed.map((failure) => failure.package).join(', ');
  throw new Error(`${names} could not be ${done}: ${shownReason(first.reason)}`);
}

/** An installer's reason as a message shows it, which has no lines: in sentences, and not too many. */
export function shownReason(reason: string): string {
  const lines = reason.split('\n').filter((line) => line.trim() !== '');
  const text = lines.map((line) => (/[.:!?…]$/u.test(line) ? line : `${line}.`)).join(' ');
  return text.length > SHOWN_REASON ? `${text.slice(0, SHOWN_REASON)}…` : text;
}
