import { ContainerBench } from './container/bench.ts';
import { describeContainerPackages } from './container/packages.ts';
import { describeRealPackages } from './container/realPackages.ts';

describe('packages in containers', function () {
  this.timeout(120_000);
  this.slow(10_000);
  describeContainerPackages(new ContainerBench());
  describeRealPackages();
});
