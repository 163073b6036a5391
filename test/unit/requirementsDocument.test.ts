import assert from 'node:assert/strict';
import {
  type RequirementLine,
  RequirementsDocument,
} from '../../src/core/deps/configuration/requirementsDocument.ts';
import { parsePackageSpec } from '../../src/core/deps/packageSpec.ts';

const save = (text: string, spec: string) =>
  RequirementsDocument.parse(text).textWith(parsePackageSpec(spec));
const remove = (text: string, name: string) => RequirementsDocument.parse(text).textWithout(name);

/** What a text names, each with its line: `pandas>=2 1`. */
function named(text: string): string[] {
  return RequirementsDocument.parse(text).lines.flatMap(({ content, number }) =>
    content.kind === 'requirement' ? [`${content.name ?? '?'} | ${content.spec} | ${number}`] : [],
  );
}

function included(text: string): unknown[] {
  return RequirementsDocument.parse(text).lines.flatMap(({ content }) =>
    content.kind === 'include' ? [[content.target, content.isConstraint]] : [],
  );
}

/** Numbers that always come in the same order. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
}

describe('a requirements file', () => {
  it('names packages, and what names none', () => {
    assert.deepEqual(
      named(
        [
          '# pandas',
          'Pandas >= 2.0  # frames',
          '  my_pkg[one, two]==1.*,!=1.3',
          'pywin32; sys_platform == "win32"  # there',
          'a @ https://example.test/a.zip#sha256=00 ; python_version < "3.9"',
          'git+https://example.test/b.git@main#egg=B_b',
          '-e ./local',
          '--editable=git+https://example.test/c#egg=c',
          './wheels/six.whl',
          'six-1.16.0-py2.py3-none-any.whl',
          'c (>=1.0)',
          'd==1 --hash=sha256:00 --hash=sha256:11',
          'e==1#not-a-comment',
          'rest',
        ].join('\n'),
      ),
      [
        'pandas | Pandas >= 2.0 | 2',
        'my-pkg | my_pkg[one, two]==1.*,!=1.3 | 3',
        'pywin32 | pywin32; sys_platform == "win32" | 4',
        'a | a @ https://example.test/a.zip#sha256=00 ; python_version < "3.9" | 5',
        'b-b | git+https://example.test/b.git@main#egg=B_b | 6',
        '? | -e ./local | 7',
        'c | --editable=git+https://example.test/c#egg=c | 8',
        '? | ./wheels/six.whl | 9',
        '? | six-1.16.0-py2.py3-none-any.whl | 10',
        'c | c (>=1.0) | 11',
        'd | d==1 | 12',
        'e | e==1#not-a-comment | 13',
        'rest | rest | 14',
      ],
    );
  });

  it('has options, and includes others', () => {
    const text = [
      '-r base.txt',
      '-rdev.txt # x',
      '--requirement=a/b.txt',
      '--requirement "with blank.txt"',
      '-c limits.txt',
      "--constraint 'c d.txt'",
      '-r https://example.test/x.txt',
      '-i https://example.test/simple',
      '--index-url https://example.test/simple',
      '--extra-index-url=https://example.test/more',
      '--find-links ./wheels',
      '--no-index',
      '--pre',
      '--require-hashes',
    ].join('\r\n');
    assert.deepEqual(named(text), []);
    assert.deepEqual(included(text), [
      ['base.txt', false],
      ['dev.txt', false],
      ['a/b.txt', false],
      ['with blank.txt', false],
      ['limits.txt', true],
      ['c d.txt', true],
    ]);
  });

  it('goes on behind a backslash, but not behind a comment', () => {
    const text = 'a==1 \\\n  --hash=sha256:00 \\\r\n  --hash=sha256:11\n# b \\\nb\nc \\\n# d\nd \\';
    assert.deepEqual(named(text), ['a | a==1 | 1', 'b | b | 5', 'c | c | 6', 'd | d | 8']);
  });

  it('keeps all but what is said of the package', () => {
    for (const [text, spec, expected] of [
      [
        '# a\r\nPandas>=1 # b\r\n\r\n--index-url x\r\n',
        'pandas>=2',
        '# a\r\npandas>=2 # b\r\n\r\n--index-url x\r\n',
      ],
      ['a==1 \\\n  --hash=sha256:00 \\\n  --hash=sha256:11\nb\n', 'a==2', 'a==2\nb\n'],
      ['a==1 --hash=sha256:00 --config-settings x=y  # why\n', 'a==2', 'a==2 --config-settings x=y  # why\n'],
      ['a==1  # --hash=x\n', 'a==2', 'a==2  # --hash=x\n'],
      ['  a >= 1 ; python_version < "3.9"  # why\n', 'a>=2', '  a>=2 ; python_version < "3.9"  # why\n'],
      ['a @ https://example.test/a;b.zip ; os_name == "nt"\n', 'a>=2', 'a>=2 ; os_name == "nt"\n'],
      ['git+https://example.test/a#egg=a\n', 'a==1', 'a==1\n'],
      ['-e git+https://example.test/a#egg=a # mine\n', 'a==1', 'a==1 # mine\n'],
      ['a[x]>=1, \\\n  <2\nb', 'a>=3', 'a>=3\nb'],
      ['a\nb', 'c', 'a\nb\nc\n'],
      ['a\r\nb', 'c', 'a\r\nb\r\nc\r\n'],
      ['a\rb\r', 'c', 'a\rb\rc\r'],
      ['', 'c', 'c\n'],
      ['\uFEFF', 'c', '\uFEFFc\n'],
      ['\uFEFFa==1\r\n', 'a==2', '\uFEFFa==2\r\n'],
      ['a \\', 'c', 'a \\\n\nc\n'],
      ['a \\\n', 'c', 'a \\\n\nc\n'],
      ['# ä 漢字 \u2028 \u0085\nb # 🐍\n', 'b>=1', '# ä 漢字 \u2028 \u0085\nb>=1 # 🐍\n'],
      ['a==1\nb\nA==2\n', 'a==3', 'a==3\nb\n'],
      ['my.pkg\n', 'my_pkg>=1', 'my-pkg>=1\n'],
    ] as const) {
      assert.equal(save(text, spec), expected, JSON.stringify(text));
    }
  });

  it('stays as it is where it says the same', () => {
    for (const [text, spec] of [
      ['A == 1.0 --hash=sha256:00\n', 'a==1.0'],
      ['my_pkg [x, y] \\\n >=1\n', 'my-pkg[x,y]>=1'],
      ['a; python_version < "3"', 'a'],
    ] as const) {
      assert.equal(save(text, spec), text);
    }
  });

  it('loses whole lines with a package', () => {
    assert.equal(remove('a\nb  # x\n# y\n', 'b'), 'a\n# y\n');
    assert.equal(remove('a==1 \\\n  --hash=sha256:00 # x \\\n  more\nb', 'a'), 'b');
    assert.equal(remove('\uFEFFa\r\nb\r\n', 'a'), '\uFEFFb\r\n');
    assert.equal(remove('a; os_name == "nt"\nb\na', 'a'), 'b\n');
    assert.equal(remove('-r a\n# a\n', 'a'), '-r a\n# a\n');
  });

  describe('of any kind', () => {
    const PIECES = [
      ...[
        'a==1',
        'b>=2,<3',
        'C_c[x]~=1.0',
        'd',
        'e @ https://example.test/e.zip',
        './f',
        'g ; os_name == "nt"',
      ],
      ...[
        '-r x.txt',
        '--index-url https://example.test',
        '-e .',
        '# ä 漢字',
        '#',
        '\uFEFF',
        '\t',
        '\f',
        '=',
        '@',
        ';',
      ],
      ...[
        '--hash=sha256:00',
        '--hash',
        ' \\',
        '\\',
        '"',
        "'",
        ' #',
        '\u0085',
        '\u2028',
        'x=y',
        '[',
        'a',
        'A',
      ],
    ];
    const ENDS = ['\n', '\n', '\n', '\r\n', '\r', ' ', '', ' \\\n', '\\\r\n', '\n\n', '  # x\n'];

    function anyFile(seed: number): string {
      const next = numbers(seed);
      const pick = (from: readonly string[]) => from[next(from.length)] ?? '';
      return Array.from({ length: next(14) }, () => pick(PIECES) + pick(ENDS)).join('');
    }

    const textOf = ({ text }: RequirementLine) => text;

    it('is the same text again, and its lines have their numbers', () => {
      for (let seed = 0; seed < 1500; seed += 1) {
        const text = anyFile(seed);
        const document = RequirementsDocument.parse(text);
        assert.equal(document.text, text);
        for (const { text: line, number } of document.lines) {
          const from = text
            .replace(/^\uFEFF/, '')
            .split(/(?<=\r\n|\n|\r(?!\n))/)
            .slice(number - 1)
            .join('');
          assert.ok(from.startsWith(line), JSON.stringify([text, line, number]));
        }
      }
    });

    it('differs in the lines of the package alone, which then says what was saved', () => {
      for (let seed = 0; seed < 1500; seed += 1) {
        // An end of \r alone and an empty line behind it would be one end.
        const text = anyFile(seed).replaceAll(/\r(?!\n)/g, '');
        const before = RequirementsDocument.parse(text);
        for (const name of ['a', 'c-c', 'e', 'new']) {
          const after = RequirementsDocument.parse(before.textWith(parsePackageSpec(`${name}==7`)));
          const others = (document: RequirementsDocument) =>
            document.lines.filter((line) => !document.linesOf(name).includes(line)).map(textOf);
          const lines = after.linesOf(name);
          assert.equal(lines.length, 1, JSON.stringify([text, after.text]));
          const { content } = lines[0]!;
          assert.ok(content.kind === 'requirement');
          assert.match(content.spec, new RegExp(`^${name}==7(?![^ ;])`), JSON.stringify([text, after.text]));
          const [kept, were] = [others(after).join(''), others(before).join('')];
          // A line without an end gets one before the new line.
          if (before.linesOf(name).length > 0) assert.equal(kept, were);
          else
            assert.ok(kept.startsWith(were) && kept.slice(were.length).trim() === '', JSON.stringify(text));
          assert.equal(RequirementsDocument.parse(before.textWithout(name)).linesOf(name).length, 0);
        }
      }
    });
  });

  it('of blanks and of many lines is read and changed at once', () => {
    const many = Array.from({ length: 1000 }, (_, at) => `package-${at}==1.${at}  # ${at}\n`).join('');
    const changed = save(many, 'package-500==2');
    assert.equal(changed, many.replace('package-500==1.500', 'package-500==2'));
    // What takes time by the square of its length would not end here.
    for (const filler of [' ', '\t', '#', '-', ' -', ' #x', '\\', ';', '[', 'a', 'a.', '@', ' --hash']) {
      for (const end of ['', 'x', ' x']) {
        const text = `a${filler.repeat(300_000 / filler.length)}${end}`;
        assert.equal(RequirementsDocument.parse(text).text, text);
        save(text, 'a==2');
      }
    }
  });
});
