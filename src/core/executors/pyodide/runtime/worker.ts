// Pyodide's thread: starts the interpreter and carries frames between it and the shared memory.
import { readFileSync } from 'node:fs';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { PyodideAPI } from 'pyodide';
import type { PyBuffer, PyProxy } from 'pyodide/ffi';
import { type DecodedFrame, encodeHeader, FrameDecoder } from '../../../connection/frames.ts';
import { loadInterpreter } from './interpreter.ts';
import { mountPackages } from './packagesMount.ts';
import { DOORBELL, PythonEnd, type TextStream, type WorkerStart } from './sharedMemory.ts';

const start = workerData as WorkerStart;
const port = parentPort!;
const shared = new PythonEnd(start.memory, () => port.postMessage(DOORBELL));

/** Bytes of Python, copied out of its memory. */
function bytesOf(proxy: PyProxy & { getBuffer(type: 'u8'): PyBuffer }): Uint8Array {
  const view = proxy.getBuffer('u8');
  const bytes = (view.data as Uint8Array).slice();
  view.release();
  return bytes;
}

type BytesProxy = Parameters<typeof bytesOf>[0];

/** Frames that came in and that Python has not taken yet. */
class Inbox {
  readonly #decoder = new FrameDecoder();
  readonly #frames: DecodedFrame[] = [];

  accept(bytes: Uint8Array): void {
    for (const frame of this.#decoder.push(bytes)) this.#frames.push(frame);
  }

  take(): DecodedFrame | undefined {
    return this.#frames.shift();
  }
}

const inbox = new Inbox();
/** The run whose code writes to the standard streams. */
let outputRun = 0;
let dispatching = false;
/** Pyodide's module of Emscripten, whose memory Python's is; not in its types. */
let emscripten: { readonly HEAPU8: Uint8Array };

/** Sends the text that has gathered, and how large Python is meanwhile. */
function flush(): void {
  shared.flushText();
  shared.setMemory(emscripten.HEAPU8.buffer.byteLength);
}

function sendFrame(headerText: string, buffers: readonly Uint8Array[]): void {
  flush();
  const lengths = buffers.length === 0 ? '' : `,"buffers":[${buffers.map((b) => b.byteLength).join(',')}]`;
  const head = encodeHeader(lengths === '' ? headerText : `${headerText.slice(0, -1)}${lengths}}`);
  const size = buffers.reduce((sum, buffer) => sum + buffer.byteLength, head.byteLength);
  // One piece while it is small: one doorbell in place of several.
  if (buffers.length > 0 && size < 65_536) {
    const whole = new Uint8Array(size);
    whole.set(head);
    let offset = head.byteLength;
    for (const buffer of buffers) {
      whole.set(buffer, offset);
      offset += buffer.byteLength;
    }
    shared.write(whole);
    return;
  }
  shared.write(head);
  for (const buffer of buffers) shared.write(buffer);
}

/** What Python sees as `bridge`; see `pyodide_platform.py`. */
function createBridge(pyodide: PyodideAPI, pyodideVersion: string) {
  /** Waits for more than `seen`; runs Python's signal handlers before and after, and throws what they raise. */
  const waitUnlessInterrupted = (seen: number, ms?: number) => {
    // An interrupt may have come after Python last looked and before `seen` was counted.
    pyodide.checkInterrupt();
    shared.waitForInbox(seen, ms);
    pyodide.checkInterrupt();
  };
  return {
    pyodideVersion,
    send(headerText: string, ...buffers: BytesProxy[]): void {
      sendFrame(headerText, buffers.map(bytesOf));
    },
    /** The next message; undefined (None) after `ms` milliseconds, or when woken by something else. Blocks. */
    receive(ms?: number): { header: string; count: number; buffer(index: number): Uint8Array } | undefined {
      const seen = shared.inboxCount();
      let frame = inbox.take();
      if (!frame) {
        const received = receiveMessageOnPort(port);
        if (received) {
          inbox.accept(received.message as Uint8Array);
          shared.countHandled();
          frame = inbox.take();
        } else {
          waitUnlessInterrupted(seen, ms);
        }
      }
      if (!frame) return undefined;
      const { headerText, buffers } = frame;
      return { header: headerText, count: buffers.length, buffer: (index) => buffers[index]! };
    },
    /** Waits at most `ms` milliseconds; less when something comes in. */
    wait(ms: number): void {
      waitUnlessInterrupted(shared.inboxCount(), ms);
    },
    setOutputRun(run: number): void {
      outputRun = run;
    },
    flush,
    idle(): void {
      shared.setRunning(false);
    },
    interruptedRun(): number {
      return shared.interruptedRun();
    },
  };
}

function captureFileDescriptors(pyodide: PyodideAPI): void {
  const capture = (stream: TextStream) => ({
    write(bytes: Uint8Array): number {
      shared.appendText(stream, outputRun, bytes);
      return bytes.byteLength;
    },
    isatty: false,
  });
  pyodide.setStdout(capture(1));
  pyodide.setStderr(capture(2));
  pyodide.setStdin({ stdin: () => null });
}

async function main(): Promise<void> {
  const snapshot = start.snapshotFile === undefined ? undefined : readFileSync(start.snapshotFile);
  const { pyodide, version } = await loadInterpreter(start.pyodideFolder, start.pythonFolder, snapshot);
  if (start.packagesFolder !== undefined) mountPackages(pyodide, start.packagesFolder);
  emscripten = (pyodide as unknown as { _module: typeof emscripten })._module;
  captureFileDescriptors(pyodide);
  pyodide.setInterruptBuffer(shared.interruptBuffer);
  const platform = pyodide.pyimport('code_mode.pyodide_platform');
  const dispatch = platform.start(createBridge(pyodide, version)) as (
    header: string,
    ...buffers: Uint8Array[]
  ) => boolean;
  platform.destroy();

  const deliver = () => {
    // A message that arrives while Python waits inside a call is taken there.
    if (dispatching) return;
    dispatching = true;
    try {
      for (let frame = inbox.take(); frame; frame = inbox.take()) {
        const { header } = frame;
        // An interrupt that found no code computing; its message is on the way and ends what awaits.
        shared.dropInterrupt();
        if (header.method === 'run') shared.setRunning(true);
        shared.setRunning(dispatch(frame.headerText, ...frame.buffers));
      }
    } finally {
      dispatching = false;
    }
  };
  port.on('message', (bytes: Uint8Array) => {
    inbox.accept(bytes);
    deliver();
    // After a run was marked as running, so that the host never sees Python idle in between.
    shared.countHandled();
  });
}

main().catch((error: unknown) => {
  // Thrown as a plain error: the thread that hosts us gets its text alone.
  throw new Error(error instanceof Error ? error.message : String(error));
});
