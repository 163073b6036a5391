import assert from 'node:assert/strict';
import type { ContainerReport, ContainerUsage } from '../../src/core/contract/container.ts';
import { describeContainer, describeMebibytes, shortId } from '../../src/ui/views/container/containerRow.ts';
import { type MeasuredUsage, measureUsage } from '../../src/ui/views/container/containerUsage.ts';

const MINUTE = 60_000;
const MEBIBYTE = 2 ** 20;

const STOPPED: ContainerReport = {
  engine: 'Podman 4.3.1',
  image: 'python:3.13-slim',
  imageId: `sha256:${'0123456789abcdef'.repeat(4)}`,
  container: null,
  preparing: null,
};

const RUNNING: ContainerReport = {
  ...STOPPED,
  container: {
    id: 'fedcba9876543210'.repeat(4),
    name: 'code-mode-1',
    startedAt: 0,
    shell: { file: 'podman', args: ['exec', '-it'] },
    limits: ['no network', '2 GiB of memory'],
  },
};

const USED: ContainerUsage = {
  memory: 203 * MEBIBYTE,
  memoryLimit: 2048 * MEBIBYTE,
  processorTime: 4,
  processors: 2,
  processes: 3,
};

const measured = measureUsage(USED, 12_000, measureUsage({ ...USED, processorTime: 2.5 }, 10_000, undefined));

const rowOf = (report: ContainerReport, usage?: MeasuredUsage) =>
  describeContainer({ title: 'analysis', report, usage, now: 12 * MINUTE });

const valuesOf = (report: ContainerReport, usage?: MeasuredUsage) =>
  Object.fromEntries(rowOf(report, usage).details.map(({ name, value }) => [name, value]));

describe('a container in words', () => {
  it('is one line with what it does', () => {
    const row = rowOf(RUNNING, measured);
    assert.equal(row.label, 'analysis');
    assert.equal(row.description, 'running · 12 min');
    assert.equal(row.spoken, 'analysis, running, 12 minutes');
    assert.equal(row.icon, 'vm-running');
    assert.equal(row.context, 'container running');
  });

  it('has below it what runs, what it uses, and behind which wall', () => {
    assert.deepEqual(valuesOf(RUNNING, measured), {
      Image: 'python:3.13-slim',
      Container: 'fedcba987654',
      Engine: 'Podman 4.3.1',
      Memory: '203 MiB of 2 GiB',
      CPU: '0.8 of 2 processors',
      Processes: '3',
      Limits: 'no network, 2 GiB of memory',
    });
    const limits = rowOf(RUNNING)
      .details.at(-1)
      ?.details.map(({ name }) => name);
    assert.deepEqual(limits, ['no network', '2 GiB of memory']);
  });

  it('keeps the places of figures that have not come yet', () => {
    const { Memory, CPU, Processes } = valuesOf(RUNNING);
    assert.deepEqual([Memory, CPU, Processes], ['…', '…', '…']);
  });

  it('gives figures without a limit, and says it where the system does not tell one', () => {
    const usage = { ...measured, memoryLimit: null, processors: null, processes: null };
    const { Memory, CPU, Processes } = valuesOf(RUNNING, usage);
    assert.deepEqual([Memory, CPU, Processes], ['203 MiB', '0.8 processors', '…']);
    assert.equal(valuesOf(RUNNING, { ...measured, processors: 1 }).CPU, '0.8 of 1 processor');
    assert.equal(valuesOf(RUNNING, { ...measured, memory: null }).Memory, '…');
  });

  it('is read out in whole words', () => {
    const spoken = rowOf(RUNNING, measured).details.map((detail) => detail.spoken);
    assert.ok(spoken.includes('Memory: 203 mebibytes of 2 gibibytes'));
    assert.ok(spoken.includes('CPU: 0.8 of 2 processors'));
  });

  it('says what is done before it can start', () => {
    const fetching = 'Fetching python:3.13-slim: 12.3 of 48.1 MB';
    const row = rowOf({ ...STOPPED, engine: null, imageId: null, preparing: fetching });
    assert.equal(row.description, 'Fetching: 12.3 of 48.1 MB');
    assert.equal(row.spoken, `analysis, ${fetching}`);
    assert.equal(row.icon, 'loading~spin');
    assert.equal(row.context, 'container preparing');
    assert.deepEqual(Object.keys(valuesOf({ ...STOPPED, engine: null, imageId: null })), ['Image']);
  });

  it('runs on while its image is made anew', () => {
    const row = rowOf({ ...RUNNING, preparing: 'Building' });
    assert.equal(row.context, 'container running preparing');
    assert.ok(row.details.some(({ name }) => name === 'Memory'));
  });

  it('is said not to run', () => {
    const row = rowOf(STOPPED, measured);
    assert.equal(row.description, 'not running');
    assert.equal(row.context, 'container');
    assert.deepEqual(Object.keys(valuesOf(STOPPED, measured)), ['Image', 'Engine']);
  });

  it('gives whole ids to be copied, and in the tooltip', () => {
    const row = rowOf(RUNNING);
    assert.deepEqual(
      row.details.flatMap(({ copied }) => copied ?? []),
      [RUNNING.imageId, RUNNING.container?.id],
    );
    const closer = row.details.slice(0, 2).map(({ tooltip }) => tooltip);
    assert.deepEqual(closer, [
      [RUNNING.image, RUNNING.imageId],
      [RUNNING.container?.name, RUNNING.container?.id],
    ]);
    const lines = new Map(row.tooltip);
    assert.equal(lines.get('Image ID'), RUNNING.imageId);
    assert.equal(lines.get('Container ID'), RUNNING.container?.id);
    assert.equal(lines.get('Engine'), 'Podman 4.3.1');
    assert.equal(shortId('sha256:0123456789abcdef'), '0123456789ab');
  });

  it('leaves out of the name of an image what engines take as read', () => {
    const imageOf = (image: string) => valuesOf({ ...STOPPED, image }).Image;
    assert.equal(imageOf('docker.io/library/python:3.13-slim'), 'python:3.13-slim');
    assert.equal(imageOf('docker.io/team/science'), 'team/science');
    assert.equal(imageOf('example.com/library/python'), 'example.com/library/python');
  });

  it('gives memory as engines do', () => {
    const amounts = [0, 1.4, 203, 999.4, 1000, 1024, 2560, 20_480].map((mebibytes) =>
      describeMebibytes(mebibytes * MEBIBYTE, 'short'),
    );
    assert.deepEqual(amounts, [
      '1 MiB',
      '1 MiB',
      '203 MiB',
      '999 MiB',
      '1 GiB',
      '1 GiB',
      '2.5 GiB',
      '20 GiB',
    ]);
  });
});

describe('the processors that a container uses', () => {
  const at = (ms: number, processorTime: number | null, before?: MeasuredUsage) =>
    measureUsage({ ...USED, processorTime }, ms, before);

  it('are told from two looks', () => {
    const first = at(1_000, 10);
    assert.equal(first.processorsInUse, null);
    assert.equal(at(3_000, 13, first).processorsInUse, 1.5);
    assert.equal(at(3_000, 10, first).processorsInUse, 0);
  });

  it('are not made up where a look says nothing, or is of another container', () => {
    const first = at(1_000, 10);
    assert.equal(at(3_000, null, first).processorsInUse, null);
    assert.equal(at(3_000, 13, at(1_000, null)).processorsInUse, null);
    assert.equal(at(3_000, 0.2, first).processorsInUse, null);
    assert.equal(at(1_000, 13, first).processorsInUse, null);
  });
});
