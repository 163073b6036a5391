import { executorRegistry } from '../../src/core/executors/index.ts';
import { describeExecutorContract } from './executor.contract.ts';

for (const descriptor of executorRegistry.list()) describeExecutorContract(descriptor);
