import { describeBackend } from '../pythonExecutor.ts';
import { Container } from './container.ts';
import { ContainerSettingsSchema, parseContainerSettings } from './settings.ts';

/** CPython in a container of Docker or Podman. */
export const containerDescriptor = describeBackend({
  id: 'container',
  label: 'Container',
  description: 'CPython in a Docker or Podman container, closed unless settings open it.',
  isolation: 'own process, files and network',
  settingsSchema: ContainerSettingsSchema,
  // There is no second start to keep a container for.
  settingsForOneRun: { warmSpare: false },
  settingsForOverview: { warmSpare: false, cacheDeps: false, pull: 'never', build: '' },
  prepare: (context) => {
    const container = new Container(context, parseContainerSettings(context.settings));
    return {
      launch: (signal) => container.launch(signal),
      capabilities: () => container.capabilities(),
      lookAround: () => container.lookAround(),
      packages: container.packages,
      container,
      close: () => container.close(),
      resetsByStart: true,
    };
  },
});
