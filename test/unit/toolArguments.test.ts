import assert from 'node:assert/strict';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import type { ToolCallableInfo, ToolParameter } from '../../src/core/contract/tools.ts';
import { checkArguments } from '../../src/core/tools/arguments.ts';

function parameter(name: string, more: Partial<ToolParameter> = {}): ToolParameter {
  const type = more.type ?? 'string';
  return {
    name: name.replaceAll('-', '_'),
    originalName: name,
    type,
    description: '',
    required: false,
    schema: { type },
    ...more,
  };
}

function callable(...parameters: ToolParameter[]): ToolCallableInfo {
  return { name: 'get', originalName: 'get', description: '', parameters, returns: 'any' };
}

describe('the arguments of a tool', () => {
  const get = callable(
    parameter('url', { required: true }),
    parameter('max-time', { type: 'integer', default: 3 }),
    parameter('mode', { schema: { type: 'string', enum: ['a', 'b'] } }),
    parameter('data', { type: 'bytes' }),
  );
  const check = (given: Parameters<typeof checkArguments>[2], of = get) =>
    checkArguments('tools.web.get', of, given);
  const refused = (given: Parameters<typeof checkArguments>[2], message: RegExp) =>
    assert.throws(
      () => check(given),
      (error) => {
        assert.ok(CodeModeError.is(error, 'tool-arguments'));
        assert.match(error.message, message);
        return true;
      },
    );

  it('are taken by their Python names and by the tool’s own', () => {
    assert.deepEqual(check({ url: 'a', max_time: 1 }), { url: 'a', 'max-time': 1 });
    assert.deepEqual(check({ url: 'a', 'max-time': 1, data: new Uint8Array(1) }), {
      url: 'a',
      'max-time': 1,
      data: new Uint8Array(1),
    });
  });

  it('are refused with all that is wrong, and with what is right', () => {
    refused({}, /^tools\.web\.get needs 'url'\. Its signature is \(url: str, max_time: int = 3, /);
    refused(
      { ur: 'a', mode: 'c' },
      /'ur' \(did you mean 'url'\?\), takes one of "a", "b" for 'mode', needs 'url'/,
    );
    refused({ url: 'a', max_time: 1, 'max-time': 2 }, /was given 'max_time' twice/);
    refused({ url: 1 }, /takes a string for 'url', not 1/);
    refused({ url: 'a', max_time: true }, /takes an integer for 'max_time', not True/);
  });

  it('that are null count where null is a value, and are as good as not given elsewhere', () => {
    assert.deepEqual(check({ url: 'a', max_time: null, mode: null }), { url: 'a' });
    refused({ url: null }, /needs 'url'/);
    for (const schema of [
      { type: ['string', 'null'] },
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
      { type: 'string', nullable: true },
      { enum: ['a', null] },
    ]) {
      assert.deepEqual(check({ due: null }, callable(parameter('due', { schema }))), { due: null });
    }
    assert.deepEqual(check({ due: null }, callable(parameter('due', { type: 'any', schema: {} }))), {
      due: null,
    });
  });
});
