import assert from 'node:assert/strict';
import { executorRegistry } from '../../src/core/executors/index.ts';
import { pythonEnvironment } from '../support/pythonEnvironment.ts';
import { describeArtifactFormats } from './executor/artifactFormats.ts';
import { describeMemory } from './executor/memory.ts';
import { describeOrphans } from './executor/orphans.ts';
import { describeNative } from './executor.contract.ts';
import { SubprocessBench } from './subprocess/bench.ts';
import { describeConfined } from './subprocess/confined.ts';
import { describeLeftovers } from './subprocess/leftovers.ts';
import { describeLimits } from './subprocess/limits.ts';
import { describePackages } from './subprocess/packages.ts';
import { describeSpares } from './subprocess/spares.ts';
import { describeBadStarts } from './subprocess/starts.ts';
import { describeSurroundings } from './subprocess/surroundings.ts';
import { describeVersions } from './subprocess/versions.ts';
import { PROJECT_FOLDER, Subject } from './support/subject.ts';

const TEST_TIMEOUT_MS = 90_000;

// By itself it takes the operating system's sandbox where there is one: the contract is kept without it, too.
describe('the executor "subprocess" without a sandbox', function () {
  this.timeout(TEST_TIMEOUT_MS);
  this.slow(5000);
  const subject = new Subject(executorRegistry.get('subprocess'), { settings: { sandbox: 'off' } });
  subject.install();
  describeNative(subject);
  describeOrphans(subject);
  describeMemory(subject);
});

describe('the executor "subprocess" with the libraries of science', function () {
  this.timeout(TEST_TIMEOUT_MS);
  this.slow(5000);
  const settings: Record<string, unknown> = { sandbox: 'off' };
  before(async function () {
    // What is installed is kept for later runs.
    this.timeout(10 * 60_000);
    settings.python = await pythonEnvironment(PROJECT_FOLDER, 'scientific');
    if (settings.python) return;
    assert.notEqual(process.env.CI, 'true', 'NumPy, pandas, pyarrow and matplotlib must be there');
    this.skip();
  });
  const subject = new Subject(executorRegistry.get('subprocess'), { settings });
  subject.install();
  describeArtifactFormats(subject);
});

describe('the executor "subprocess" alone', function () {
  this.timeout(TEST_TIMEOUT_MS);
  this.slow(5000);
  const bench = new SubprocessBench();
  bench.install();
  describeVersions(bench);
  describeSurroundings(bench);
  describeLimits(bench);
  describeSpares(bench);
  describePackages(bench);
  describeLeftovers(bench);
  describeBadStarts(bench);
  describeConfined(bench);
});
