import { describeAttached } from './container/attached.ts';
import { ContainerBench } from './container/bench.ts';
import { describeCommandLine } from './container/commandLine.ts';
import { describeContainerLeftovers } from './container/leftovers.ts';
import { describeLife } from './container/life.ts';
import { describeSpareContainers } from './container/spares.ts';

describe('the executor "container" alone', function () {
  this.timeout(90_000);
  this.slow(5000);
  const bench = new ContainerBench();
  bench.install();
  describeLife(bench);
  describeSpareContainers(bench);
  describeContainerLeftovers(bench);
  describeCommandLine(bench);
  describeAttached(bench);
});
