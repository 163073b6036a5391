import assert from 'node:assert/strict';
import {
  encodeFrame,
  encodeHeader,
  type Frame,
  FrameDecoder,
  FrameError,
} from '../../src/core/connection/frames.ts';

function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function decodeInPieces(bytes: Uint8Array, size: number): Frame[] {
  const decoder = new FrameDecoder();
  const frames: Frame[] = [];
  for (let start = 0; start < bytes.length; start += size) {
    frames.push(...decoder.push(bytes.subarray(start, start + size)));
  }
  return frames;
}

describe('frames', () => {
  const frames: Frame[] = [
    { header: { type: 'a' }, buffers: [] },
    { header: { type: 'b', text: 'ünï\u0000\ud83d\ude00' }, buffers: [new Uint8Array([1, 2, 3])] },
    { header: {}, buffers: [new Uint8Array(0), new Uint8Array(70_000).fill(7), new Uint8Array([9])] },
  ];
  const stream = join(frames.flatMap(encodeFrame));

  for (const size of [1, 2, 3, 5, 1000, 65_536, stream.length]) {
    it(`come back whole from pieces of ${size} bytes`, () => {
      const decoded = decodeInPieces(stream, size);
      assert.equal(decoded.length, frames.length);
      for (const [index, frame] of decoded.entries()) {
        const { buffers: lengths, ...header } = frame.header;
        assert.deepEqual(header, frames[index]!.header);
        assert.deepEqual(
          frame.buffers.map((buffer) => [...buffer]),
          frames[index]!.buffers.map((buffer) => [...buffer]),
        );
        assert.equal((lengths as number[] | undefined)?.length ?? 0, frames[index]!.buffers.length);
      }
    });
  }

  it('keep a lone surrogate', () => {
    const [frame] = decodeInPieces(join(encodeFrame({ header: { text: '\ud800' }, buffers: [] })), 4);
    assert.equal(frame!.header.text, '\ud800');
  });

  for (const [what, bytes] of [
    ['a length that no header has', new Uint8Array([255, 255, 255, 255])],
    ['text that is not JSON', encodeHeader('{"a":')],
    ['JSON that is not an object', encodeHeader('[1]')],
    ['negative lengths', encodeHeader('{"buffers":[-1]}')],
    ['lengths that are not numbers', encodeHeader('{"buffers":["3"]}')],
    ['buffers beyond all memory', encodeHeader('{"buffers":[9007199254740991]}')],
  ] as const) {
    it(`refuse ${what}`, () => {
      assert.throws(() => [...new FrameDecoder().push(bytes)], FrameError);
    });
  }
});
