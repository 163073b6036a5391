import { HttpBench } from './http/bench.ts';
import { describeCalls } from './http/calls.ts';
import { describeDocuments } from './http/documents.ts';
import { describeFailures } from './http/failing.ts';
import { describeNetwork } from './http/network.ts';

const TEST_TIMEOUT_MS = 60_000;

describe('calls of HTTP tools', function () {
  this.timeout(TEST_TIMEOUT_MS);
  this.slow(1000);
  const bench = new HttpBench().install();
  describeCalls(bench);
  describeFailures(bench);
  describeNetwork(bench);
  describeDocuments(bench);
});
