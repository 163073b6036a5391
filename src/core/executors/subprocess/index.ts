import { describeBackend } from '../pythonExecutor.ts';
import { parseSubprocessSettings, SubprocessSettingsSchema } from './settings.ts';
import { Subprocess } from './subprocess.ts';

/** The user's own CPython in a child process. */
export const subprocessDescriptor = describeBackend({
  id: 'subprocess',
  label: 'Subprocess',
  description: 'Your own CPython with its packages, in a process of its own.',
  isolation: 'own process',
  settingsSchema: SubprocessSettingsSchema,
  // There is no second start to keep an interpreter for.
  settingsForOneRun: { warmSpare: false },
  prepare: (context) => {
    const subprocess = new Subprocess(context, parseSubprocessSettings(context.settings));
    return {
      launch: (signal) => subprocess.launch(signal),
      capabilities: () => subprocess.capabilities(),
      lookAround: () => subprocess.lookAround(),
      packages: subprocess.packages,
      close: () => subprocess.close(),
      resetsByStart: true,
    };
  },
});
