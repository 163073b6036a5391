import assert from 'node:assert/strict';
import type { ConfiguredDependency, InstalledPackage } from '../../src/core/contract/dependencies.ts';
import { evaluateMarker, markerOf } from '../../src/core/deps/markers.ts';
import { normalizeName } from '../../src/core/deps/packageSpec.ts';
import { statusOf } from '../../src/core/deps/status.ts';

const LINUX = { python: '3.12.1', platform: 'linux' };

describe('environment markers', () => {
  it('hold or not in a known environment', () => {
    for (const [marker, expected] of [
      ['python_version < "3.9"', false],
      ["python_version >= '3.12'", true],
      ['python_version == "3.12"', true],
      ['python_version > "3.12"', false],
      ['python_full_version > "3.12"', true],
      ['"3.9" > python_version', false],
      ['"3.9" <= python_version', true],
      ['python_version ~= "3.10"', true],
      ['python_version in "3.11 3.12"', true],
      ['python_version not in "3.11 3.12"', false],
      ['sys_platform == "win32"', false],
      ['sys_platform != "win32"', true],
      ["'linux' in sys_platform", true],
      ['platform_system == "Linux" and os_name == "posix"', true],
      ['extra == "test"', false],
      ['(sys_platform == "win32" or python_version >= "3.8") and os_name != "nt"', true],
      ['sys_platform == "win32" or python_version >= "3.8" and os_name == "nt"', false],
      // What is not known matters only where it decides.
      ['platform_machine == "arm64"', undefined],
      ['platform_machine == "arm64" and sys_platform == "win32"', false],
      ['platform_machine == "arm64" or sys_platform == "linux"', true],
      ['platform_machine == "arm64" or sys_platform == "win32"', undefined],
      // None at all.
      ['', undefined],
      ['python_version', undefined],
      ['python_version <', undefined],
      ['python_version < "3.9" x', undefined],
      ['(python_version < "3.9"', undefined],
      ['what?', undefined],
      ['('.repeat(100_000), undefined],
    ] as const) {
      assert.equal(evaluateMarker(marker, LINUX), expected, marker.slice(0, 100));
    }
    assert.equal(evaluateMarker('os_name == "nt"', { platform: 'win32' }), true);
    assert.equal(evaluateMarker('sys_platform == "emscripten"', { platform: 'emscripten' }), true);
    assert.equal(evaluateMarker('python_version < "3.9"', {}), undefined);
  });

  it('stand behind a package', () => {
    assert.equal(markerOf('a>=1'), undefined);
    assert.equal(markerOf('a>=1;os_name == "nt"'), 'os_name == "nt"');
    assert.equal(markerOf('a @ https://example.test/a;b.zip'), undefined);
    assert.equal(markerOf('a @ https://example.test/a;b.zip ; os_name == "nt"'), 'os_name == "nt"');
  });
});

describe('the status of packages', () => {
  const configured = (spec: string): ConfiguredDependency => {
    const [name] = /^[A-Za-z0-9][A-Za-z0-9._-]*(?=$|[ [;<>=!~])/.exec(spec) ?? [];
    return {
      name: name === undefined ? spec : normalizeName(name),
      spec,
      source: 'requirements.txt',
      file: '/x/requirements.txt',
      line: 1,
    };
  };
  const installed = (name: string, version: string): InstalledPackage => ({
    ...{ name, title: name, version, summary: '', requires: [], installer: null, origin: null },
  });
  const THERE = [installed('pandas', '2.1'), installed('my-package', '1.0rc1'), installed('odd', '2004d')];

  function states(specs: readonly string[], environment?: typeof LINUX): string[] {
    return statusOf(specs.map(configured), THERE, environment).map(
      ({ spec, state, installedVersion }) => `${spec}: ${state} ${installedVersion}`,
    );
  }

  it('is told by name and version', () => {
    assert.deepEqual(
      states([
        'Pandas>=2',
        'My.Package',
        'pandas_x',
        'odd>=1',
        'pandas @ https://example.test/x',
        './x',
        '-e .',
      ]),
      [
        'Pandas>=2: satisfied 2.1',
        'My.Package: satisfied 1.0rc1',
        'pandas_x: missing null',
        'odd>=1: unknown 2004d',
        './x: unknown null',
        '-e .: unknown null',
      ],
    );
    assert.deepEqual(states(['pandas<2', 'new']), ['pandas<2: mismatch 2.1', 'new: missing null']);
    assert.deepEqual(states(['pandas @ https://example.test/x']), [
      'pandas @ https://example.test/x: unknown 2.1',
    ]);
  });

  it('goes by the marker where that can be decided', () => {
    const specs = [
      'new; python_version < "3.9"',
      'pandas<2; sys_platform == "win32"',
      'other; os_name == "posix"',
    ];
    assert.deepEqual(states(specs, LINUX), [
      'new; python_version < "3.9": satisfied null',
      'pandas<2; sys_platform == "win32": satisfied 2.1',
      'other; os_name == "posix": missing null',
    ]);
    assert.deepEqual(states(specs), [
      'new; python_version < "3.9": unknown null',
      'pandas<2; sys_platform == "win32": unknown 2.1',
      'other; os_name == "posix": unknown null',
    ]);
  });

  it('is that of the line which holds', () => {
    const specs = ['pandas<2; python_version < "3.9"', 'pandas>=2; python_version >= "3.9"'];
    assert.deepEqual(states(specs, LINUX), ['pandas>=2; python_version >= "3.9": satisfied 2.1']);
    assert.deepEqual(states(specs.toReversed(), LINUX), [
      'pandas>=2; python_version >= "3.9": satisfied 2.1',
    ]);
    assert.equal(states(specs).length, 1);
  });
});
