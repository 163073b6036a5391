import { visibleMetadata } from '../../../core/artifacts/ownMetadata.ts';
import type { ArtifactDataType, ArtifactInfo } from '../../../core/contract/storage.ts';
import { canBeTable } from '../../tablePreview/tableNames.ts';
import { describeAge, describeSize, type Length } from '../quantities.ts';
import { lastPart } from './nodes.ts';
import { loadingCode } from './pythonCode.ts';

/** What a row tells of. */
export interface ArtifactFacts {
  readonly info: ArtifactInfo;
  /** Bytes; undefined: not known. */
  readonly size: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether the artifact is a file. */
  readonly isFile: boolean;
}

/** An artifact in the view, in words. */
export interface ArtifactRow {
  readonly label: string;
  readonly description: string;
  /** For those who hear it. */
  readonly spoken: string;
  /** What the `when` clauses of its actions look at: `artifact`, then `file` and `table` where they fit. */
  readonly context: string;
}

/** Characters of the metadata that a tooltip shows. */
const MAX_METADATA = 1_000;

/** Puts an artifact into words. */
export function describeArtifact(facts: ArtifactFacts): ArtifactRow {
  const label = lastPart(facts.info.name);
  return {
    label,
    description: summaryOf(facts, 'short').join(' · '),
    spoken: [label, ...summaryOf(facts, 'long')].join(', '),
    context: contextOf(facts),
  };
}

/** All there is to know of an artifact, as names with their texts. */
export function artifactDetails(
  { info, size, now }: Omit<ArtifactFacts, 'isFile'>,
  dataType: ArtifactDataType | undefined,
): (readonly [name: string, text: string])[] {
  const lines: (readonly [string, string])[] = [];
  if (info.description) lines.push(['Description', info.description]);
  if (size !== undefined) {
    const exact = size < 1000 ? '' : ` (${size.toLocaleString('en')} bytes)`;
    lines.push(['Size', describeSize(size, 'short') + exact]);
  }
  const created = Date.parse(info.created_at);
  if (!Number.isNaN(created)) {
    const when = new Date(created).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
    lines.push(['Created', `${when}, ${describeAge(now - created, 'long')} ago`]);
  }
  if (dataType !== undefined) lines.push(['Data type', dataType]);
  const visible = visibleMetadata(info.metadata);
  if (Object.keys(visible).length > 0) {
    const metadata = JSON.stringify(visible);
    lines.push([
      'Metadata',
      metadata.length > MAX_METADATA ? `${metadata.slice(0, MAX_METADATA)}…` : metadata,
    ]);
  }
  return lines;
}

/** How many artifacts a folder has. */
export function describeFolder(count: number): string {
  return count === 1 ? '1 artifact' : `${count.toLocaleString('en')} artifacts`;
}

/** Markdown of code that can be copied from a tooltip. */
export function loadingMarkdown(name: string): string {
  return `\`\`\`python\n${loadingCode(name)}\n\`\`\``;
}

function summaryOf({ info, size, now }: ArtifactFacts, length: Length): string[] {
  const created = Date.parse(info.created_at);
  return [
    ...(size === undefined ? [] : [describeSize(size, length)]),
    ...(Number.isNaN(created) ? [] : [describeAge(now - created, length)]),
  ];
}

function contextOf({ info, isFile }: ArtifactFacts): string {
  return ['artifact', ...(isFile ? ['file'] : []), ...(canBeTable(info.name) ? ['table'] : [])].join(' ');
}
