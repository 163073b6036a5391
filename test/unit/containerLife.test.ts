import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { containerLimits } from '../../src/core/executors/container/containerLimits.ts';
import { ContainerLog } from '../../src/core/executors/container/containerLog.ts';
import type { ContainerFacts } from '../../src/core/executors/container/facts.ts';
import {
  isOwnerGone,
  keptLabels,
  OWNER_LABEL,
  ownedLabels,
} from '../../src/core/executors/container/labels.ts';
import { parseContainerSettings } from '../../src/core/executors/container/settings.ts';

describe('labels of containers', () => {
  const own = ownedLabels('/work')[OWNER_LABEL] ?? '';
  const [machine, processId, start] = own.split(':');

  it('name the process that owns them, unless they are kept', () => {
    assert.equal(processId, String(process.pid));
    assert.doesNotMatch(own, /,/);
    assert.equal(isOwnerGone(own), false);
    assert.deepEqual(keptLabels('/work'), { 'python-code-mode': '1', 'python-code-mode.workspace': '/work' });
    assert.deepEqual(keptLabels(undefined), { 'python-code-mode': '1' });
  });

  it('say of an owner of this machine that it is gone', async () => {
    const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
    await once(child, 'exit');
    assert.equal(isOwnerGone(`${machine}:${child.pid}:${start}`), true);
    assert.equal(isOwnerGone(`another:${child.pid}:${start}`), false);
  });

  it('know a process that has got the id of another', function () {
    if (process.platform !== 'linux') this.skip();
    assert.equal(isOwnerGone(`${machine}:${process.pid}:${Number(start) - 1}`), true);
    assert.equal(isOwnerGone(`${machine}:${process.pid}:`), false, 'when it began is not known');
  });

  it('of somebody else are nobody of ours', () => {
    for (const label of [
      '',
      'x',
      `${machine}`,
      `${machine}:`,
      `${machine}:-1:`,
      `${machine}:x:1`,
      `${machine}:0:1`,
    ]) {
      assert.equal(isOwnerGone(label), false, label);
    }
  });
});

describe('the log of a container', () => {
  const log = (secrets: string[] = [], mask = (text: string) => text) => new ContainerLog({ mask, secrets });

  it('has lines with their times', () => {
    const lines = log();
    lines.add('one\r\ntwo\n\n');
    lines.add('\u001b[31mthree\u001b[0m');
    assert.deepEqual(
      lines
        .text()
        .split('\n')
        .map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, '')),
      ['one', 'two', 'three', ''],
    );
  });

  it('ends somewhere', () => {
    const lines = log();
    for (let n = 0; n < 5_000; n++) lines.add(`${n} ${'x'.repeat(10_000)}`);
    const text = lines.text().split('\n');
    assert.equal(text.length, 2_001);
    assert.match(text[0] ?? '', /Z 3000 x+$/);
    assert.ok(text.every(({ length }) => length < 2_100));
  });

  it('has no secrets', () => {
    const lines = log(['sesame', 'sesame-open', 'on'], (text) => text.replaceAll('known', '•••'));
    lines.add('known sesame-open sesame on https://me:pass@host/ Authorization: Bearer abc');
    assert.match(lines.text(), /Z ••• ••• ••• on https:\/\/me:•••@host\/ Authorization: •••\n$/);
  });
});

describe('what a container was given', () => {
  const facts: ContainerFacts = {
    python: '3.13.1',
    executable: '/usr/local/bin/python3',
    user: 1000,
    isFirstProcess: true,
    hasCapabilities: false,
    noNewPrivileges: true,
    rootIsWritable: false,
    interfaces: [],
    memoryLimit: 2 * 1024 ** 3,
    memoryAndSwapLimit: 2 * 1024 ** 3,
    cpuLimit: 1.5,
    processLimit: 256,
    fileSizeLimit: 1536 * 1024 ** 2,
    mounts: [{ target: '/home/me/project', type: 'ext4', writable: false }],
  };

  it('is said by what it has seen', () => {
    assert.deepEqual(containerLimits(facts, parseContainerSettings()), [
      'no network',
      '2 GiB of memory, swap with it',
      '1.5 processors',
      '256 processes',
      'files of up to 1.5 GiB',
      'user 1000, not root',
      'no privileges',
      'read-only system files',
      '/home/me/project, read-only',
    ]);
  });

  it('is said where nothing limits it', () => {
    const open: ContainerFacts = {
      ...facts,
      user: 0,
      hasCapabilities: true,
      rootIsWritable: true,
      interfaces: ['eth0'],
      memoryLimit: null,
      memoryAndSwapLimit: null,
      cpuLimit: null,
      processLimit: null,
      fileSizeLimit: null,
      mounts: [],
    };
    assert.deepEqual(containerLimits(open, parseContainerSettings({ network: 'on', gpus: 'all' })), [
      'network without a limit',
      'memory without a limit',
      'all processors',
      'processes without a limit',
      'files of any size',
      'root inside',
      'may have privileges',
      'writable system files',
      'GPUs: all',
    ]);
    const some = parseContainerSettings({ network: 'allowedDomains', allowedDomains: ['pypi.org'] });
    assert.equal(containerLimits({ ...facts, cpuLimit: 1 }, some)[0], 'no network but pypi.org');
    assert.equal(containerLimits({ ...facts, cpuLimit: 1 }, some)[2], '1 processor');
  });
});
