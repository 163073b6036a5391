import { describeBackend } from '../pythonExecutor.ts';
import { parseSubprocessSettings } from './settings.ts';
import { Subprocess } from './subprocess.ts';

/** The user's own CPython in a child process. */
export const subprocessDescriptor = describeBackend({
  id: 'subprocess',
  label: 'Subprocess',
  description: 'Your own CPython with its packages, in a process of its own. Nothing is installed into it.',
  isolation: 'own process',
  prepare: (context) => {
    const subprocess = new Subprocess(context, parseSubprocessSettings(context.settings));
    return {
      launch: (signal) => subprocess.launch(signal),
      capabilities: () => subprocess.capabilities(),
      close: () => subprocess.close(),
      resetsByStart: true,
    };
  },
});
