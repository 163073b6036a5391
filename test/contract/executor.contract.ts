import type { ExecutorContext, ExecutorDescriptor } from '../../src/core/executors/registry.ts';
import { describeArtifactFormats } from './executor/artifactFormats.ts';
import { describeArtifactStreams } from './executor/artifactStreams.ts';
import { describeAsynchronous } from './executor/asynchronous.ts';
import { describeChildProcesses } from './executor/childProcesses.ts';
import { describeCrashes } from './executor/crashes.ts';
import { describeDisplays } from './executor/displays.ts';
import { describeEventLoop } from './executor/eventLoop.ts';
import { describeFailures } from './executor/failures.ts';
import { describeHttpTools } from './executor/httpTools.ts';
import { describeInput } from './executor/input.ts';
import { describeIntrospection } from './executor/introspection.ts';
import { describeLifecycle } from './executor/lifecycle.ts';
import { describeMagics } from './executor/magics.ts';
import { describeManyLines } from './executor/manyLines.ts';
import { describeMemory } from './executor/memory.ts';
import { describeNamespaces } from './executor/namespaces.ts';
import { describeNativeOutput } from './executor/nativeOutput.ts';
import { describeOrphans } from './executor/orphans.ts';
import { describeOutput } from './executor/output.ts';
import { describeQueue } from './executor/queue.ts';
import { describeSignals } from './executor/signals.ts';
import { describeState } from './executor/state.ts';
import { describeStopping } from './executor/stopping.ts';
import { describeThreads } from './executor/threads.ts';
import { describeToolCalls } from './executor/toolCalls.ts';
import { describeTools } from './executor/tools.ts';
import { describeTracebacks } from './executor/tracebacks.ts';
import { describeValues } from './executor/values.ts';
import { describeVersions } from './executor/versions.ts';
import { Subject } from './support/subject.ts';

/** What one executor may need besides what it promises in every test. */
const TEST_TIMEOUT_MS = 90_000;

/**
 * Defines the contract suite for one executor. The tests ask what it supports and never who it is, so that a new
 * executor is held to them by being in the registry.
 *
 * @param defaults as those of {@link Subject}
 */
export function describeExecutorContract(
  descriptor: ExecutorDescriptor,
  defaults: Partial<ExecutorContext> = {},
): void {
  describe(`the executor "${descriptor.id}"`, function () {
    this.timeout(TEST_TIMEOUT_MS);
    this.slow(5000);
    const subject = new Subject(descriptor, defaults);
    subject.install();
    describeLifecycle(subject);
    describeValues(subject);
    describeOutput(subject);
    describeManyLines(subject);
    describeDisplays(subject);
    describeState(subject);
    describeAsynchronous(subject);
    describeFailures(subject);
    describeTracebacks(subject);
    describeMagics(subject);
    describeQueue(subject);
    describeInput(subject);
    describeIntrospection(subject);
    describeStopping(subject);
    describeOrphans(subject);
    describeMemory(subject);
    describeNamespaces(subject);
    describeTools(subject);
    describeToolCalls(subject);
    describeHttpTools(subject);
    describeArtifactStreams(subject);
    describeArtifactFormats(subject);
    describeVersions(subject);
    describeNative(subject);
  });
}

/** The part of the contract that needs a Python with processes, threads and signals; others skip it. */
export function describeNative(subject: Subject): void {
  describeNativeOutput(subject);
  describeThreads(subject);
  describeEventLoop(subject);
  describeSignals(subject);
  describeChildProcesses(subject);
  describeCrashes(subject);
}
