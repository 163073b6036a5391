import assert from 'node:assert/strict';
import { decodeMessage, encodeMessage } from '../../src/core/session/remote/messageContent.ts';

const message = (params: unknown) => ({ jsonrpc: '2.0', method: 'm', params });

const encode = (params: unknown) => Buffer.concat(encodeMessage(message(params)));
const there = (params: unknown): unknown => decodeMessage(encode(params));

describe('the content of messages', () => {
  it('is plain JSON where there are no bytes', () => {
    const encoded = encode({ text: 'Grüße 🌍' });
    assert.deepEqual(JSON.parse(Buffer.from(encoded).toString()), message({ text: 'Grüße 🌍' }));
  });

  it('carries bytes as bytes, wherever they stand', () => {
    const picture = new Uint8Array([0, 1, 254, 255]);
    const params = { data: { 'image/png': picture, 'text/plain': 'Grüße' }, more: [Buffer.from('x'), null] };
    const back = there(params) as ReturnType<typeof message>;
    assert.deepEqual(
      back,
      message({ data: { 'image/png': picture, 'text/plain': 'Grüße' }, more: [new Uint8Array([120]), null] }),
    );
    const encoded = encode({ large: new Uint8Array(1_000_000) });
    assert.ok(encoded.byteLength < 1_001_000, `${encoded.byteLength} bytes`);
  });

  it('takes no text for bytes', () => {
    const encoded = encode({ bytes: new Uint8Array([1]) });
    const text = Buffer.from(encoded).toString('latin1');
    assert.deepEqual(
      there({ bytes: new Uint8Array([1]), text }),
      message({ bytes: new Uint8Array([1]), text }),
    );
  });

  it('that is cut off or makes no sense is an error, and takes no memory', () => {
    const encoded = encode({ bytes: new Uint8Array(100) });
    for (const broken of [
      encoded.subarray(0, 3),
      encoded.subarray(0, 20),
      encoded.subarray(0, 110),
      new Uint8Array([0, 255, 255, 255, 255, 1]),
      new Uint8Array([0]),
      new Uint8Array([1, 2, 3]),
    ]) {
      assert.throws(() => decodeMessage(Buffer.from(broken)), Error);
    }
  });
});
