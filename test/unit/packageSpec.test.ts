import assert from 'node:assert/strict';
import { normalizeName, parsePackageName, parsePackageSpec } from '../../src/core/deps/packageSpec.ts';
import { compareVersions, isPrerelease, satisfies } from '../../src/core/deps/versions.ts';
import { refused } from '../support/storageFolder.ts';

describe('a package', () => {
  it('is a name, extras, and a range of versions', () => {
    for (const [given, name, text] of [
      ['Pandas', 'pandas', 'pandas'],
      ['My_Package >= 2.0, < 3', 'my-package', 'my-package>=2.0,<3'],
      ['zope.interface==5.*', 'zope-interface', 'zope.interface==5.*'],
      ['requests[socks,use_chardet]~=2.32', 'requests', 'requests[socks,use_chardet]~=2.32'],
      ['torch==2.1.0+cu121', 'torch', 'torch==2.1.0+cu121'],
      ['a===2004d', 'a', 'a===2004d'],
      ['a!=1!2.0rc1', 'a', 'a!=1!2.0rc1'],
      ['7zip', '7zip', '7zip'],
    ] as const) {
      assert.deepEqual(parsePackageSpec(given), { name, text });
      // What is kept is read as the same package.
      assert.deepEqual(parsePackageSpec(text), { name, text });
    }
  });

  const REFUSED: readonly [given: string, problem: RegExp][] = [
    ['', /^No package is named\.$/],
    [' ', /^No package is named\.$/],
    ['a\nb', /control characters/],
    ['six\n', /control characters/],
    ['six\u0000', /control characters/],
    ['six\u009b2J', /control characters/],
    [`a${'b'.repeat(256)}`, /more than 256 characters/],
    ['-r x.txt', /option of an installer/],
    ['--index-url=https://example.test', /option of an installer/],
    [' -e .', /option of an installer/],
    ['https://example.test/a.whl', /is a URL/],
    ['git+https://example.test/a', /is a URL/],
    ['file:a.whl', /is a URL/],
    ['a @ https://example.test/a.whl', /has "@"/],
    ['a@1.0', /written as in name==1\.0/],
    ['a; python_version < "3.8"', /environment marker/],
    ["a ; ( 'win' in sys_platform )", /environment marker/],
    ['a; rm -rf x', /the character ;/],
    ['a>=$(id)', /the character \$/],
    ['a`id`', /the character `/],
    ['a|b', /the character \|/],
    ['a&&b', /the character &/],
    ['"a"', /the character "/],
    ['a # c', /the character #/],
    ['a (>=1)', /the character \(/],
    ['./a', /is a path/],
    ['..\\a', /is a path/],
    ['six-1.16.0-py2.py3-none-any.whl', /name of a file/],
    ['a==1.0.tar.gz', /name of a file/],
    ['requirements.txt', /name of a file/],
    ['a b', /"b" behind its name/],
    ['a,b', /",b" behind its name/],
    ['.a', /a name has letters/],
    ['a-', /a name has letters/],
    ['größe', /a name has letters/],
    ['рandas', /a name has letters/],
    ['a\u2028b', /a name has letters/],
    ['>=2', /a name has letters/],
    ['a[', /extras are not written as/],
    ['a[]', /extras are not written as/],
    ['a[b', /extras are not written as/],
    ['a=1.0', /two signs/],
    ['a>=', /">=" is no range/],
    ['a>=abc', />=abc" is no range/],
    ['a>=1.*', />=1\.\*" is no range/],
    ['a~=1', /~=1" is no range/],
    ['a>=1,', />=1," is no range/],
    ['a>1 2', />1 2" is no range/],
    ['a[b]>>1', />>1" is no range/],
  ];
  for (const [given, problem] of REFUSED) {
    it(`is not ${JSON.stringify(given.slice(0, 40))}, and it is said why`, () => {
      assert.throws(() => parsePackageSpec(given), refused(problem));
      assert.throws(() => parsePackageName(given), refused(problem));
      try {
        parsePackageSpec(given);
      } catch (error) {
        // One sentence, of one line, without what could steer a terminal.
        assert.match((error as Error).message, /^\P{Cc}{1,400}\.$/u);
      }
    });
  }

  it('has one name, however it is written', () => {
    for (const name of ['My_Package', 'my.package', 'MY--package', 'my-_.package'])
      assert.equal(normalizeName(name), 'my-package');
    assert.equal(parsePackageName(' My_Package '), 'my-package');
    assert.throws(() => parsePackageName('pandas>=2'), refused(/more than the name/));
    assert.throws(() => parsePackageName('requests[socks]'), refused(/more than the name/));
  });
});

describe('versions', () => {
  it('lie in a range as PEP 440 says', () => {
    for (const [version, range, expected] of [
      ['2.0', '', true],
      ['2.0', '>=2.0,<3', true],
      ['3.0', '>=2.0,<3', false],
      ['2.0.0', '==2', true],
      ['2.0.1', '==2.0.*', true],
      ['2.1', '!=2.0.*', true],
      ['2', '==2.0.0.*', true],
      ['1!2.0', '==2.*', false],
      ['2.5', '~=2.2', true],
      ['3.0', '~=2.2', false],
      ['1.4.9', '~=1.4.5', true],
      ['1.5', '~=1.4.5', false],
      // Whoever has a pre-release has that version.
      ['2.0rc1', '>=1.0', true],
      ['2.0rc1', '>=2.0', false],
      ['2.0rc1', '<2.0', false],
      ['2.0rc1', '<2.0rc2', true],
      ['2.0.post1', '>2.0', false],
      ['2.0.post2', '>2.0.post1', true],
      ['2.0.post1', '>=2.0', true],
      ['2.1.0+cu121', '==2.1.0', true],
      ['2.1.0+cu121', '==2.1.0+cu121', true],
      ['2.1.0+cu121', '==2.1.0+cpu', false],
      ['2.1.0+cu121', '>2.1.0', false],
      ['2004d', '===2004d', true],
      ['2004d', '===2004e', false],
      ['2004d', '>=1', undefined],
      ['2.0', '>=x', undefined],
      // Of a package as it is written somewhere.
      ['2.0', 'pandas', true],
      ['2.0', 'pandas[excel] >= 2.1 ; python_version > "3.8"', false],
      ['2.0', 'pandas (>=1.0)', true],
      ['2.0', 'pandas @ https://example.test/pandas.whl', undefined],
      ['2.0', './pandas', undefined],
    ] as const) {
      assert.equal(satisfies(version, range), expected, `${version} in ${range}`);
    }
  });

  it('have an order', () => {
    const ordered = [
      'what?',
      '1.0.dev1',
      '1.0a2',
      '1.0rc1',
      '1.0',
      '1.0+x',
      '1.0.post1',
      '1.2',
      '1.10',
      '1!0',
    ];
    assert.deepEqual([...ordered].reverse().sort(compareVersions), ordered);
    assert.deepEqual(['1.0', '1.0rc1', '1.0.dev1', '?'].map(isPrerelease), [false, true, true, undefined]);
  });
});
