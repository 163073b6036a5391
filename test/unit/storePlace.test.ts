import assert from 'node:assert/strict';
import { storePlace } from '../../src/ui/editor/storePlace.ts';

/** The place at the end of a text, in one line. */
function place(text: string): string {
  const found = storePlace(text);
  if (!found) return 'none';
  const from = JSON.stringify(text.slice(found.start));
  if (found.kind !== 'argument') return `${found.kind} ${from}`;
  const { workflow, given, name, isStart } = found;
  return `${workflow}(${given.join(',')}) ${name || '?'}${isStart ? ' starts' : ''} ${from}`;
}

describe('the place in code where something of the store is named', () => {
  it('is the name of a workflow', () => {
    assert.equal(place('workflows.'), 'workflow ""');
    assert.equal(place('x = [workflows . gre'), 'workflow "gre"');
    assert.equal(place('await workflows.grüß'), 'workflow "grüß"');
    assert.equal(place('f(a, workflows.g'), 'workflow "g"');
    assert.equal(place('my.workflows.'), 'none');
    assert.equal(place('myworkflows.'), 'none');
    assert.equal(place('workflows.greet.'), 'none');
    assert.equal(place('# workflows.'), 'none');
    assert.equal(place('"workflows.'), 'none');
  });

  it('is an argument of a workflow', () => {
    assert.equal(place('workflows.greet('), 'greet() ? starts ""');
    assert.equal(place('workflows.greet(na'), 'greet() na starts "na"');
    assert.equal(place('workflows.greet(name=f(1, ")"), ti'), 'greet(name) ti starts "ti"');
    assert.equal(place('workflows.greet(name=a, times=[1, '), 'none');
    assert.equal(place('workflows.greet(name=a, times='), 'greet(name) times ""');
    assert.equal(place('workflows.greet(name="x" + y'), 'greet() name "y"');
    assert.equal(place('workflows.greet(\n  name="a",  # one, two\n  '), 'greet(name) ? starts ""');
    assert.equal(place('workflows.greet(a == b'), 'greet() b "b"');
    assert.equal(place('workflows.greet(other('), 'none');
    assert.equal(place('workflows.greet()'), 'none');
    assert.equal(place('x = 1\nprint(2)\nworkflows.greet('), 'greet() ? starts ""');
  });

  it('is the name of an artifact', () => {
    assert.equal(place('artifacts.load("'), 'artifact ""');
    assert.equal(place("x = artifacts.load('scans/nm"), 'artifact "scans/nm"');
    assert.equal(place('artifacts.exists(r"a b'), 'artifact "a b"');
    assert.equal(place('artifacts . path( "a'), 'artifact "a"');
    assert.equal(place('artifacts.load("a", "'), 'none');
    assert.equal(place('artifacts.save("'), 'none');
    assert.equal(place('artifacts.load(f"'), 'none');
    assert.equal(place('artifacts.load("a")'), 'none');
    assert.equal(place('other.artifacts.load("'), 'none');
  });

  it('is found in the last statement, whatever stands before', () => {
    assert.equal(place(`${'x = """\n'.repeat(2)}${'y = 1\n'.repeat(500)}artifacts.get("a`), 'artifact "a"');
    assert.equal(place('text = """\nworkflows.'), 'none');
    assert.equal(place('if x:\n    workflows.'), 'workflow ""');
    assert.equal(place(''), 'none');
    assert.equal(place('workflows.\n'), 'none');
  });
});
