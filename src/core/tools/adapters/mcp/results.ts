import { z } from 'zod';
import { ToolFailedError } from '../../../contract/errors.ts';
import type { Json } from '../../../contract/execution.ts';
import { limitHint, sizeOfPart } from '../../resultLimit.ts';
import type { ToolOutcome, ToolPart } from '../../tool.ts';

/** Characters of a server's error that are passed on. */
const MAX_ERROR_CHARACTERS = 20_000;

const Resource = z.looseObject({
  uri: z.string().nullish(),
  text: z.string().nullish(),
  blob: z.string().nullish(),
});

/** One part of a result. Kinds that are not known here are handed on as they are. */
const Content = z.looseObject({
  type: z.string(),
  text: z.string().nullish(),
  data: z.string().nullish(),
  resource: Resource.nullish(),
});
type Content = z.infer<typeof Content>;

/** What a server answers to `tools/call`. */
export const CallResultSchema = z.object({
  content: z.array(Content).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().nullish(),
});
export type CallResult = z.infer<typeof CallResultSchema>;

/** What a server says went wrong, from a result that is an error. */
export function errorTextOf({ content }: CallResult): string {
  const text = content
    .flatMap((part) => part.text ?? part.resource?.text ?? [])
    .join('\n')
    .trim();
  if (text === '') return 'The server does not say why.';
  return text.length > MAX_ERROR_CHARACTERS ? `${text.slice(0, MAX_ERROR_CHARACTERS)} …` : text;
}

/**
 * What a call gives. Texts that follow each other are one, with a newline between them; nothing is null.
 * @param isStructured whether the tool has promised structured content (its output schema): then that is the value
 * @param maxBytes of all parts together; a text that goes beyond them is cut, with a mark
 * @throws ToolFailedError where something that can't be cut goes beyond them
 */
export function outcomeOf(result: CallResult, isStructured: boolean, maxBytes: number): ToolOutcome {
  const { structuredContent, content } = result;
  const parts =
    isStructured && structuredContent !== undefined && structuredContent !== null
      ? [json(structuredContent)]
      : joinTexts(content.map(partOf));
  const fitting = withinLimit(parts, maxBytes);
  const [first, ...others] = fitting;
  if (first === undefined) return { type: 'json', value: null };
  return others.length === 0 ? first : fitting;
}

function partOf(content: Content): ToolPart {
  const { type, text, data, resource } = content;
  if (type === 'text') return { type: 'text', text: text ?? '' };
  if ((type === 'image' || type === 'audio') && typeof data === 'string') return bytes(data);
  if (type === 'resource' && typeof resource?.blob === 'string') return bytes(resource.blob);
  if (type === 'resource' && typeof resource?.text === 'string') return { type: 'text', text: resource.text };
  return json(content);
}

function json(value: unknown): ToolPart {
  return { type: 'json', value: value as Json };
}

function bytes(base64: string): ToolPart {
  return { type: 'bytes', bytes: Buffer.from(base64, 'base64') };
}

function joinTexts(parts: readonly ToolPart[]): ToolPart[] {
  const joined: ToolPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.type === 'text' && last?.type === 'text') {
      joined[joined.length - 1] = { type: 'text', text: `${last.text}\n${part.text}` };
    } else {
      joined.push(part);
    }
  }
  return joined;
}

function withinLimit(parts: readonly ToolPart[], maxBytes: number): ToolPart[] {
  let left = maxBytes;
  return parts.map((part) => {
    const size = sizeOfPart(part);
    const fits = size <= left;
    if (!fits && part.type !== 'text') {
      throw new ToolFailedError(
        `The result has ${size.toLocaleString('en')} bytes of ${part.type === 'json' ? 'JSON' : 'binary data'}, which is more than a call may give (${maxBytes.toLocaleString('en')}).`,
        { hint: limitHint('Ask the tool for less at a time, or for a file') },
      );
    }
    const fitting = fits || part.type !== 'text' ? part : cut(part.text, left, size);
    left = Math.max(0, left - size);
    return fitting;
  });
}

/** The beginning of `text` in at most `maxBytes` of UTF-8, and a mark. */
function cut(text: string, maxBytes: number, size: number): ToolPart {
  const room = Buffer.alloc(maxBytes);
  const { read } = new TextEncoder().encodeInto(text, room);
  const omitted = (size - Buffer.byteLength(text.slice(0, read))).toLocaleString('en');
  return {
    type: 'text',
    text: `${text.slice(0, read)}\n[… ${omitted} more bytes of this result were cut off]`,
  };
}
