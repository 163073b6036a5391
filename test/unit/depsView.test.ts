import assert from 'node:assert/strict';
import type {
  DependencyStatus,
  InstalledPackage,
  PackageOffer,
} from '../../src/core/contract/dependencies.ts';
import { requirementProblems } from '../../src/core/deps/configuration/requirementProblems.ts';
import {
  describeConfigured,
  describeEnvironment,
  describeInstalled,
  missingText,
} from '../../src/ui/views/deps/depRow.ts';
import { type InstalledNode, isRepeated, packageOf } from '../../src/ui/views/deps/nodes.ts';
import { choicesOf } from '../../src/ui/views/deps/packageChoices.ts';
import { PackageGraph } from '../../src/ui/views/deps/packageGraph.ts';
import { type Answer, PackageLookUps } from '../../src/ui/views/deps/packageLookUps.ts';
import {
  configuredRequirements,
  installedRequirements,
  isPinned,
  pinned,
  unpinned,
} from '../../src/ui/views/deps/requirementText.ts';
import { readTyped } from '../../src/ui/views/deps/typedPackages.ts';

function installed(name: string, ...requires: string[]): InstalledPackage {
  return { name, title: name, version: '1.0', summary: '', requires, installer: null, origin: null };
}

function configured(spec: string, rest: Partial<DependencyStatus> = {}): DependencyStatus {
  const [name = ''] = /^[a-z-]+/.exec(spec) ?? [];
  return {
    name,
    spec,
    source: 'requirements.txt',
    file: '/w/.code-mode/requirements.txt',
    line: 3,
    state: 'satisfied',
    installedVersion: '1.0',
    ...rest,
  };
}

const ALONE = { newer: undefined, requiredBy: [] };

describe('which package needs which', () => {
  const names = (packages: readonly InstalledPackage[]) => packages.map(({ name }) => name);
  const graph = (packages: InstalledPackage[], ...wanted: string[]) =>
    new PackageGraph({ installed: packages, configured: wanted.map((spec) => configured(spec)) });

  it('shows on top what nobody needs and what is configured', () => {
    const rich = installed('rich', 'pygments', 'markdown-it-py', 'not-installed');
    const packages = [installed('markdown-it-py', 'mdurl'), installed('mdurl'), installed('pygments'), rich];
    const known = graph(packages, 'pygments>=2');
    assert.deepEqual(names(known.topLevel), ['pygments', 'rich']);
    assert.deepEqual(names(known.requirementsOf(rich)), ['markdown-it-py', 'pygments']);
    assert.deepEqual(names(known.requiredBy('pygments')), ['rich']);
    assert.deepEqual(names(known.requiredBy('rich')), []);
  });

  it('shows packages that need each other once, below the first', () => {
    const packages = [installed('a', 'b'), installed('b', 'c', 'b'), installed('c', 'a')];
    assert.deepEqual(names(graph(packages).topLevel), ['a']);
    const node = (name: string, parent?: InstalledNode): InstalledNode => ({
      installed: installed(name),
      parent,
      surroundings: ALONE,
      needs: [],
    });
    const below = node('c', node('b', node('a')));
    assert.equal(isRepeated(below), false);
    assert.equal(isRepeated(node('a', below)), true);
  });
});

describe('a package in words', () => {
  const row = (status: DependencyStatus, newer?: string) => {
    const { label, description, icon, context, spoken } = describeConfigured(status, undefined, {
      newer,
      requiredBy: [],
    });
    return [label, description, icon, context, spoken];
  };

  it('says what is configured, where, and whether it is there', () => {
    assert.deepEqual(row(configured('rich>=1')), [
      'rich>=1',
      '1.0 · requirements.txt:3',
      'pass',
      'configured package store installed',
      'rich>=1, 1.0, configured in requirements.txt:3',
    ]);
    assert.deepEqual(row(configured('rich==1.0'), '2.0').slice(1, 4), [
      '1.0 → 2.0 available · requirements.txt:3',
      'pass',
      'configured package store pinned installed newer',
    ]);
    const fromSettings = { source: 'settings', file: null, line: null } as const;
    assert.deepEqual(
      row(configured('rich==2', { ...fromSettings, state: 'missing', installedVersion: null })).slice(1, 4),
      ['not installed · settings', 'circle-slash', 'configured package missing'],
    );
    assert.deepEqual(row(configured('rich>=2', { state: 'mismatch' })).slice(1, 4), [
      '1.0, which does not fit · requirements.txt:3',
      'warning',
      'configured package store installed missing',
    ]);
    const url = 'https://example.com/x.whl';
    const unknown = { name: url, state: 'unknown', installedVersion: null } as const;
    assert.deepEqual(row(configured(url, unknown)).slice(1, 4), [
      'only the installer can tell · requirements.txt:3',
      'question',
      'configured store',
    ]);
  });

  it('says what is installed, and what there is to know', () => {
    const rich = {
      ...installed('rich', 'pygments'),
      title: 'Rich',
      summary: 'Shows *text*.',
      installer: 'uv',
    };
    const { label, description, context, spoken, tooltip } = describeInstalled(
      rich,
      { newer: '2.0', requiredBy: [installed('textual')] },
      true,
    );
    assert.deepEqual(
      [label, description, context, spoken],
      [
        'Rich',
        '1.0 → 2.0 available · shown above',
        'installed package newer',
        'Rich, 1.0, 2.0 is available, shown above',
      ],
    );
    assert.match(
      String(tooltip),
      /Installed by: uv[\s\S]*Needs: pygments[\s\S]*Needed by: textual[\s\S]*Shows \\\*text/,
    );
    assert.match(
      String(describeInstalled(installed('six'), ALONE, false).tooltip),
      /Needed by: no other package/,
    );
  });

  it('says why an environment takes none', () => {
    const problem = 'It has no pip. Install uv.';
    const environment = { label: '.venv', folder: '/w/.venv', installer: null, problem };
    assert.equal(describeEnvironment(environment).description, problem);
    assert.equal(describeEnvironment(environment).tone, 'error');
    const { description, spoken } = describeEnvironment({ ...environment, installer: 'uv 1', problem: null });
    assert.deepEqual([description, spoken], ['uv 1', 'Environment .venv, packages are installed with uv 1']);
  });

  it('counts what is not as it shall be', () => {
    assert.equal(missingText([configured('a')]), '');
    assert.equal(
      missingText([
        configured('a', { state: 'missing' }),
        configured('b', { state: 'missing' }),
        configured('c', { state: 'mismatch' }),
        configured('d', { state: 'unknown' }),
      ]),
      '2 not installed, 1 of another version',
    );
  });

  it('knows which package a line means', () => {
    const status = configured('rich>=1');
    const six = installed('rich');
    const node: InstalledNode = { installed: six, parent: undefined, surroundings: ALONE, needs: [] };
    assert.equal(packageOf(node, [status])?.configured, status);
    assert.equal(packageOf({ configured: status, package: six, surroundings: ALONE }, [])?.installed, six);
    assert.equal(packageOf({ nothing: 'configured' }, []), undefined);
  });
});

describe('requirements of packages', () => {
  it('are pinned and unpinned with their extras', () => {
    assert.equal(pinned('requests[socks] >=2, <3; python_version > "3"', '2.31'), 'requests[socks]==2.31');
    assert.equal(pinned('numpy', '2.1+cpu'), 'numpy==2.1+cpu');
    assert.equal(unpinned('requests[socks]==2.31'), 'requests[socks]>=2.31');
    assert.equal(unpinned('numpy === 2.1+cpu'), 'numpy>=2.1');
    for (const spec of ['a==1', 'a[b]==1.0+cpu', 'a===1']) assert.equal(isPinned(spec), true, spec);
    for (const spec of [
      'a',
      'a==1.*',
      'a>=1',
      'a==1,!=2',
      'a @ file:///x==1',
      'a~=1',
      'a==1; os_name == "x"',
    ]) {
      assert.equal(isPinned(spec), false, spec);
    }
  });

  it('are copied with what is installed', () => {
    assert.equal(
      configuredRequirements([
        configured('rich[jupyter]>=1'),
        configured('six', { state: 'missing', installedVersion: null }),
        configured('./local', { state: 'unknown', installedVersion: null }),
      ]),
      'rich[jupyter]==1.0\nsix\n./local\n',
    );
    const local = { ...installed('local'), origin: 'file:///w/local' };
    assert.equal(installedRequirements([installed('six'), local]), 'six==1.0\nlocal @ file:///w/local\n');
  });
});

describe('packages that are typed', () => {
  const texts = (typed: string) => readTyped(typed).packages.map(({ text }) => text);

  it('have spaces or commas between them', () => {
    assert.deepEqual(texts('six'), ['six']);
    assert.deepEqual(texts(' six, Rich  numpy >= 2 , < 3 requests[socks, security]>=2,pandas'), [
      'six',
      'rich',
      'numpy>=2,<3',
      'requests[socks,security]>=2',
      'pandas',
    ]);
    assert.deepEqual(texts('  '), []);
  });

  it('are refused at once where they are none', () => {
    for (const typed of [
      'six --pre',
      'https://example.com/x.whl',
      '../x',
      'six @ file:///x',
      'six;',
      'six>',
    ]) {
      assert.notEqual(readTyped(typed).refusal, undefined, typed);
    }
  });

  const answers = (known: Record<string, Answer>) => (name: string) => known[name];
  const offer = (name: string, versions: string[], problem: string | null = null): Answer => ({
    offer: { name, versions, problem },
  });
  const shown = (typed: string, known: Record<string, Answer>) =>
    choicesOf(readTyped(typed), answers(known)).map(({ icon, label, specs }) => [icon, label, specs]);

  it('can be added before anybody has answered', () => {
    assert.deepEqual(shown('six rich', {}), [['add', 'Add six rich', ['six', 'rich']]]);
    assert.deepEqual(shown('', {}), []);
    assert.equal(shown('six rich[', {})[0]?.[2], undefined);
  });

  it('are offered in their newest versions that fit', () => {
    assert.deepEqual(shown('six requests[socks]<3', { requests: offer('requests', ['3.0', '2.9', '2.8']) }), [
      ['add', 'Add six requests[socks]<3', ['six', 'requests[socks]<3']],
      ['tag', '2.9', ['six', 'requests[socks]==2.9']],
      ['tag', '2.8', ['six', 'requests[socks]==2.8']],
    ]);
  });

  it('are not added where the index has none', () => {
    assert.deepEqual(shown('sixx', { sixx: { offer: null } }), [
      ['error', 'There is no package named "sixx".', undefined],
    ]);
    assert.deepEqual(shown('lxml', { lxml: offer('lxml', [], 'It has no wheel for Pyodide.') }), [
      ['error', 'lxml has no version for this environment: It has no wheel for Pyodide.', undefined],
    ]);
  });

  it('are doubted where the index does not know', () => {
    assert.deepEqual(shown('six>9', { six: offer('six', ['1.17']) }), [
      ['add', 'Add six>9', ['six>9']],
      ['warning', 'No version of six fits "six>9"; the newest is 1.17.', undefined],
    ]);
    assert.deepEqual(shown('six', { six: { failure: 'The index does not answer.' } })[1], [
      'warning',
      'six: The index does not answer.',
      undefined,
    ]);
  });
});

describe('what the index is asked while somebody types', () => {
  interface Question {
    readonly name: string;
    readonly signal: AbortSignal;
    readonly answer: (offer: PackageOffer | null) => void;
    readonly fail: (error: Error) => void;
  }
  const questions: Question[] = [];
  let answered: (() => void) | undefined;
  let asked: (() => void) | undefined;
  let lookUps: PackageLookUps;
  const untilAnswered = () => new Promise<void>((resolve) => (answered = resolve));
  const untilAsked = () => new Promise<void>((resolve) => (asked = resolve));
  const SIX = { name: 'six', versions: ['1.17'], problem: null };

  beforeEach(() => {
    questions.length = 0;
    lookUps = new PackageLookUps({
      lookUp: (name, signal) =>
        new Promise((answer, fail) => {
          signal.addEventListener('abort', () => fail(signal.reason));
          questions.push({ name, signal, answer, fail });
          asked?.();
        }),
      onAnswer: () => answered?.(),
      pauseMs: 1,
    });
  });
  afterEach(() => lookUps.dispose());

  it('is the name at which they pause, once', async () => {
    const asking = untilAsked();
    for (const name of ['s', 'si', 'six']) lookUps.want([name]);
    assert.equal(lookUps.isBusy, true);
    await asking;
    assert.deepEqual(
      questions.map(({ name }) => name),
      ['six'],
    );
    const answering = untilAnswered();
    questions[0]?.answer(SIX);
    await answering;
    assert.deepEqual(lookUps.answer('six'), { offer: SIX });
    assert.equal(lookUps.isBusy, false);
    lookUps.want(['six']);
    assert.equal(lookUps.isBusy, false);
  });

  it('ends where something else is wanted, and begins anew where it is wanted again', async () => {
    let asking = untilAsked();
    lookUps.want(['six']);
    await asking;
    asking = untilAsked();
    lookUps.want(['sixx']);
    lookUps.want(['six']);
    await asking;
    assert.equal(questions[0]?.signal.aborted, true);
    assert.equal(questions[1]?.name, 'six');
    const answering = untilAnswered();
    questions[1]?.answer(null);
    await answering;
    assert.deepEqual(lookUps.answer('six'), { offer: null });
  });

  it('is asked again where the index could not answer', async () => {
    let asking = untilAsked();
    lookUps.want(['six']);
    await asking;
    const answering = untilAnswered();
    questions[0]?.fail(new Error('offline'));
    await answering;
    assert.deepEqual(lookUps.answer('six'), { failure: 'offline' });
    lookUps.want([]);
    asking = untilAsked();
    lookUps.want(['six']);
    await asking;
    assert.equal(questions.length, 2);
  });
});

describe('what is wrong with a requirements file', () => {
  const found = (text: string) =>
    requirementProblems(text).map(({ start, end, message }) => [text.slice(start, end), message]);

  it('is what looks like a package and is none', () => {
    const text = '# Packages\r\npandas>=2  # tables\nsix=1.0 ; python_version > "3"\n\nrich 13\n';
    const problems = found(text);
    assert.deepEqual(
      problems.map(([written]) => written),
      ['six=1.0', 'rich 13'],
    );
    assert.match(problems[0]?.[1] ?? '', /a version is written with two signs, as in name==1\.0/);
  });

  it('is nothing that an installer takes', () => {
    assert.deepEqual(
      found(`-r other.txt
--index-url https://packages.example.com/simple
-e ./local
./local
wheels/x-1.0-py3-none-any.whl
x-1.0-py3-none-any.whl
https://packages.example.com/x.zip
six @ https://packages.example.com/six.whl
\${PLACE}
six (>=1)
six==1.17.0 \\
    --hash=sha256:0123
requests[socks] >= 2, < 3; os_name == "posix"
`),
      [],
    );
  });
});
