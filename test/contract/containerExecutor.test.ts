import { executorRegistry } from '../../src/core/executors/index.ts';
import { containerSettings, hasContainers, removeTestVolumes } from '../support/containers.ts';
import { describePackages } from './deps.contract.ts';
import { describeExecutorContract } from './executor.contract.ts';
import { describePackageLines } from './packageLines.contract.ts';

// Whatever holds for every executor holds for the one in containers.
(hasContainers() ? describe : describe.skip)('in containers:', () => {
  const descriptor = executorRegistry.get('container');
  const defaults = { settings: containerSettings() };
  after(removeTestVolumes);
  // Those who install nothing keep nothing.
  describeExecutorContract(descriptor, { settings: containerSettings({ cacheDeps: false }) });
  describePackages(descriptor, defaults);
  describePackageLines(descriptor, defaults);
});
