import * as vscode from 'vscode';
import type { InputRequest } from '../core/contract/execution.ts';

/**
 * Asks the person what `input()` or `getpass()` asks.
 *
 * @throws Error when the box is dismissed or `signal` fires: Python then gets an exception in place of an answer
 */
export async function askInput(request: InputRequest, signal: AbortSignal): Promise<string> {
  if (signal.aborted) throw new Error('The question was withdrawn.');
  const cancellation = new vscode.CancellationTokenSource();
  const withdraw = () => cancellation.cancel();
  signal.addEventListener('abort', withdraw, { once: true });
  try {
    const answer = await vscode.window.showInputBox(
      {
        title: request.password ? 'Python asks for a password' : 'Python asks for input',
        prompt: request.prompt.trim() || 'Press Enter to answer, Escape to refuse.',
        password: request.password,
        // The code waits for an answer: looking something up elsewhere must not dismiss the question.
        ignoreFocusOut: true,
      },
      cancellation.token,
    );
    if (answer === undefined) {
      throw new Error(signal.aborted ? 'The question was withdrawn.' : 'The question was dismissed.');
    }
    return answer;
  } finally {
    signal.removeEventListener('abort', withdraw);
    cancellation.dispose();
  }
}
