import { ContainerBench } from './container/bench.ts';
import { describeContainerLimits } from './container/limits.ts';
import { describeContainerFiles } from './container/limitsFiles.ts';
import { describeContainerNetwork } from './container/limitsNetwork.ts';

describe('the wall of the executor "container"', function () {
  this.timeout(90_000);
  this.slow(5000);
  const bench = new ContainerBench();
  bench.install();
  describeContainerLimits(bench);
  describeContainerNetwork(bench);
  describeContainerFiles(bench);
});
