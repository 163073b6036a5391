import { z } from 'zod';
import type { IndexFile } from './indexProject.ts';

/** The types of a page of the simple API, the better ones first. */
export const ACCEPTED_PAGES =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

const Hashes = z.record(z.string(), z.string());
const Metadata = z.union([z.boolean(), Hashes]).nullish();
const JsonPage = z.object({
  meta: z.object({ 'api-version': z.string() }),
  files: z.array(
    z.object({
      filename: z.string(),
      url: z.string(),
      hashes: Hashes.nullish(),
      'requires-python': z.string().nullish(),
      yanked: z.union([z.boolean(), z.string()]).nullish(),
      size: z.number().nullish(),
      'core-metadata': Metadata,
      // What it was called at first.
      'dist-info-metadata': Metadata,
    }),
  ),
});

/** Why a page is none of an index, as a part of a sentence. */
export class PageError extends Error {}

/**
 * The files that a page of the simple API lists.
 *
 * @param mediaType - in lower case, without parameters
 * @param base - the address of the page, after redirects
 * @throws PageError
 */
export function parseIndexPage(text: string, mediaType: string, base: string): readonly IndexFile[] {
  if (mediaType.endsWith('json')) return parseJsonPage(text, base);
  if (mediaType.endsWith('html')) return parseHtmlPage(text, base);
  throw new PageError(`it answers with ${mediaType || 'something without a type'}`);
}

function parseJsonPage(text: string, base: string): readonly IndexFile[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new PageError('its JSON is damaged');
  }
  const { success, data } = JsonPage.safeParse(content);
  if (!success) throw new PageError('its JSON is not that of the simple API');
  const version = data.meta['api-version'];
  if (!version.startsWith('1.')) throw new PageError(`it speaks version ${version} of the simple API, not 1`);
  return data.files.flatMap((file) => {
    const url = fileUrl(file.url, base);
    if (!url) return [];
    return fileOf({
      filename: file.filename,
      url: url.href,
      sha256: file.hashes?.sha256,
      requiresPython: file['requires-python'],
      yanked: typeof file.yanked === 'string' || file.yanked === true,
      size: file.size,
      metadata: sha256Of(file['core-metadata'] ?? file['dist-info-metadata']),
    });
  });
}

function sha256Of(metadata: z.infer<typeof Metadata>): string | undefined {
  return typeof metadata === 'object' && metadata !== null ? metadata.sha256 : undefined;
}

const ANCHOR = /<a\s((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
const BASE = /<base\s((?:[^>"']|"[^"]*"|'[^']*')*)>/i;
const ATTRIBUTE = /([^\s=>"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g;

function parseHtmlPage(text: string, base: string): readonly IndexFile[] {
  const html = text.replace(/<!--[\s\S]*?-->/g, '');
  const ofPage = attributesOf(BASE.exec(html)?.[1] ?? '').get('href');
  const from = ofPage !== undefined && URL.canParse(ofPage, base) ? new URL(ofPage, base).href : base;
  return [...html.matchAll(ANCHOR)].flatMap(([, written = '']) => {
    const attributes = attributesOf(written);
    const href = attributes.get('href');
    const url = href === undefined ? undefined : fileUrl(href, from);
    if (!url) return [];
    const hash = /^#sha256=([0-9a-f]{64})/i.exec(url.hash)?.[1];
    const metadata = attributes.get('data-core-metadata') ?? attributes.get('data-dist-info-metadata');
    url.hash = '';
    return fileOf({
      filename: lastSegment(url),
      url: url.href,
      sha256: hash,
      requiresPython: attributes.get('data-requires-python'),
      yanked: attributes.has('data-yanked'),
      size: undefined,
      metadata: /^sha256=(.+)$/.exec(metadata ?? '')?.[1],
    });
  });
}

function attributesOf(written: string): ReadonlyMap<string, string> {
  return new Map(
    [...written.matchAll(ATTRIBUTE)].map(([, name = '', double, single, bare]) => [
      name.toLowerCase(),
      withoutEntities(double ?? single ?? bare ?? ''),
    ]),
  );
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function withoutEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** The last part of an address: the name of its file. */
function lastSegment({ pathname }: URL): string {
  const segment = pathname.slice(pathname.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** An index that came over the network has no files of this machine. */
function fileUrl(href: string, base: string): URL | undefined {
  if (!URL.canParse(href, base)) return undefined;
  const url = new URL(href, base);
  url.username = '';
  url.password = '';
  return /^https?:$/.test(url.protocol) || (url.protocol === 'file:' && base.startsWith('file:'))
    ? url
    : undefined;
}

interface FileOnPage {
  readonly filename: string;
  readonly url: string;
  readonly sha256: string | undefined;
  readonly requiresPython: string | null | undefined;
  readonly yanked: boolean;
  readonly size: number | null | undefined;
  readonly metadata: string | undefined;
}

/** None for a name that is not of a file in a folder. */
function fileOf({ filename, metadata, sha256, requiresPython, size, ...rest }: FileOnPage): IndexFile[] {
  if (filename === '' || /[\\/\0]|^\.\.?$/.test(filename)) return [];
  return [
    {
      filename,
      ...rest,
      sha256: sha256?.toLowerCase(),
      requiresPython: requiresPython || undefined,
      size: size ?? undefined,
      ...(metadata === undefined ? {} : { metadataSha256: metadata.toLowerCase() }),
    },
  ];
}
