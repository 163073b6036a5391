import assert from 'node:assert/strict';
import type { RunEvent } from '../../../src/core/contract/execution.ts';
import { assertOk, type Subject } from '../support/subject.ts';

/** The shortest form of an event that still tells the order of things. */
function outline(event: RunEvent): string {
  switch (event.kind) {
    case 'stdout':
    case 'stderr':
      return `${event.kind}:${event.text}`;
    case 'display':
    case 'updateDisplay':
      return `${event.kind}:${event.output.data['text/plain']}`;
    case 'clearOutput':
      return `${event.kind}:${event.wait}`;
    default:
      return event.kind;
  }
}

/** Rich output: MIME bundles, and their order among what is printed. */
export function describeDisplays(subject: Subject): void {
  describe('rich output', () => {
    it('keeps its place among what is printed', async () => {
      const { result, events } = await subject.observe(
        'print("a")\ndisplay("b")\nprint("c")\ndisplay("d")\nclear_output(wait=True)\nprint("e")\n"f"',
      );
      assertOk(result);
      assert.deepEqual(events.map(outline), [
        'stdout:a\n',
        "display:'b'",
        'stdout:c\n',
        "display:'d'",
        'clearOutput:true',
        'stdout:e\n',
        "display:'f'",
      ]);
    });

    it('of the value streams as a display that says so, and is not among the displays of the result', async () => {
      const { result, events } = await subject.observe('display(1)\n2');
      const shown = events.filter((event) => event.kind === 'display');
      assert.deepEqual(
        shown.map((event) => [event.output.data['text/plain'], event.output.isValue ?? false]),
        [
          ['1', false],
          ['2', true],
        ],
      );
      assert.deepEqual(
        result.displays.map((display) => display.data['text/plain']),
        ['1'],
      );
    });

    it('of None as the value is nothing', async () => {
      const { events } = await subject.observe('None');
      assert.deepEqual(events, []);
    });

    it('is what the object says it looks like', async () => {
      const { result } = await subject.observe(`
class Rich:
    def _repr_html_(self): return "<b>rich</b>"
    def _repr_markdown_(self): return "**rich**"
    def _repr_latex_(self): return "$x$"
    def _repr_svg_(self): return "<svg/>"
    def _repr_json_(self): return {"rich": [1, 2]}
    def _repr_png_(self): return b"\\x89PNG\\r\\n\\x1a\\n\\x00\\xff"
    def _repr_jpeg_(self): return b"\\xff\\xd8\\xff\\x00"
    def __repr__(self): return "rich"
display(Rich())`);
      assertOk(result);
      const data = result.displays[0]?.data ?? {};
      assert.deepEqual(
        { ...data, 'image/png': undefined, 'image/jpeg': undefined },
        {
          'text/plain': 'rich',
          'text/html': '<b>rich</b>',
          'text/markdown': '**rich**',
          'text/latex': '$x$',
          'image/svg+xml': '<svg/>',
          'application/json': { rich: [1, 2] },
          'image/png': undefined,
          'image/jpeg': undefined,
        },
      );
      assert.ok(data['image/png'] instanceof Uint8Array, 'a PNG crosses as bytes');
      assert.deepEqual([...data['image/png']], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0xff]);
      assert.ok(data['image/jpeg'] instanceof Uint8Array, 'a JPEG crosses as bytes');
    });

    it('may be a whole MIME bundle with metadata', async () => {
      const { result } = await subject.observe(`
class Bundle:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": "<i>b</i>", "application/vnd.custom+json": {"a": 1}}, {"text/html": {"isolated": True}}
display(Bundle())`);
      assertOk(result);
      const [display] = result.displays;
      assert.equal(display?.data['text/html'], '<i>b</i>');
      assert.deepEqual(display?.data['application/vnd.custom+json'], { a: 1 });
      assert.deepEqual(display?.metadata['text/html'], { isolated: true });
    });

    it('of an object whose HTML fails is its text', async () => {
      const { result } = await subject.observe(
        'class Half:\n    def _repr_html_(self): raise ValueError\n    def __repr__(self): return "half"\ndisplay(Half())',
      );
      assertOk(result);
      assert.deepEqual(result.displays[0]?.data, { 'text/plain': 'half' });
    });

    it('can be updated: in events as it happens, in the result as it ended', async () => {
      const { result, events } = await subject.observe(
        'handle = display("first", display_id="box")\nprint("between")\nupdate_display("second", display_id="box")',
      );
      assertOk(result);
      assert.deepEqual(events.map(outline), [
        "display:'first'",
        'stdout:between\n',
        "updateDisplay:'second'",
      ]);
      assert.deepEqual(
        result.displays.map((display) => [display.displayId, display.data['text/plain']]),
        [['box', "'second'"]],
      );
    });

    it('can be updated by a later run', async () => {
      await subject.run('display("made", display_id="lasting")');
      const { events } = await subject.observe('update_display("changed", display_id="lasting")');
      assert.deepEqual(events.map(outline), ["updateDisplay:'changed'"]);
    });

    it('is cleared at once, or with the next output', async () => {
      const { result, events } = await subject.observe('display(1)\nclear_output()\ndisplay(2)');
      assert.deepEqual(events.map(outline), ['display:1', 'clearOutput:false', 'display:2']);
      assert.deepEqual(
        result.displays.map((display) => display.data['text/plain']),
        ['2'],
      );
    });

    it('of several megabytes of bytes comes through unchanged', async () => {
      const { result } = await subject.observe(
        'class Big:\n    def _repr_png_(self): return bytes(range(256)) * 20_000\ndisplay(Big())',
      );
      const png = result.displays[0]?.data['image/png'];
      assert.ok(png instanceof Uint8Array);
      assert.equal(png.length, 5_120_000);
      assert.ok(png.every((byte, index) => byte === index % 256));
    });
  });
}
