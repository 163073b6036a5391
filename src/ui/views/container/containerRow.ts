import type { ContainerReport } from '../../../core/contract/container.ts';
import { describeAge, type Length } from '../quantities.ts';
import type { MeasuredUsage } from './containerUsage.ts';

/** What a row tells of. */
export interface ContainerFacts {
  /** The title of the session whose Python is inside. */
  readonly title: string;
  readonly report: ContainerReport;
  /** Undefined: not known. */
  readonly usage: MeasuredUsage | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A line below a container: a name and what there is to say. */
export interface DetailRow {
  readonly name: string;
  readonly value: string;
  /** The name of a codicon; undefined: none. */
  readonly icon: string | undefined;
  /** For those who hear it. */
  readonly spoken: string;
  /** What is to be known on a closer look, a line each. */
  readonly tooltip: readonly string[];
  /** The whole of an id that is shown shortened, to be copied; undefined: none is. */
  readonly copied: string | undefined;
  readonly details: readonly DetailRow[];
}

/** A session's container in the view, in words. Plain data, to be compared. */
export interface ContainerRow {
  readonly label: string;
  readonly description: string;
  /** The name of a codicon. */
  readonly icon: string;
  /** What the `when` clauses of its actions look at: `container`, and whether it is `running` and `preparing`. */
  readonly context: string;
  /** For those who hear it. */
  readonly spoken: string;
  /** What the tooltip says, as names with their texts. */
  readonly tooltip: readonly (readonly [name: string, text: string])[];
  readonly details: readonly DetailRow[];
}

const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;
/** Digits of an id that people and engines use to name a container. */
const SHORT_ID = 12;

/** Puts a container into words. */
export function describeContainer(facts: ContainerFacts): ContainerRow {
  const { title, report } = facts;
  const { container, preparing } = report;
  return {
    label: title,
    description: stateOf(facts, 'short'),
    icon: preparing !== null ? 'loading~spin' : container ? 'vm-running' : 'vm-outline',
    context: ['container', container && 'running', preparing !== null && 'preparing']
      .filter(Boolean)
      .join(' '),
    spoken: `${title}, ${stateOf(facts, 'long')}`,
    tooltip: tooltipOf(facts),
    details: detailsOf(facts),
  };
}

/** An amount of memory as engines give it: `203 MiB`. */
export function describeMebibytes(bytes: number, length: Length): string {
  const mebibytes = Math.max(1, Math.round(bytes / MEBIBYTE));
  if (mebibytes < 1000) return `${mebibytes} ${length === 'short' ? 'MiB' : 'mebibytes'}`;
  return `${NUMBER.format(bytes / GIBIBYTE)} ${length === 'short' ? 'GiB' : 'gibibytes'}`;
}

/** The digits of an id by which people know it. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/u, '').slice(0, SHORT_ID);
}

/** An image's name as people know it: engines take the registry of Docker Hub as read. */
export function shortImage(name: string): string {
  return name.replace(/^docker\.io\/(library\/)?/u, '');
}

function stateOf({ report, now }: ContainerFacts, length: Length): string {
  const { image, container, preparing } = report;
  // Where there is little room, what is below it is not said: how far it is comes at the end.
  if (preparing !== null) return length === 'short' ? preparing.replace(` ${image}`, '') : preparing;
  if (!container) return 'not running';
  const age = describeAge(now - container.startedAt, length);
  return length === 'short' ? `running · ${age}` : `running, ${age}`;
}

function tooltipOf({ report }: ContainerFacts): [string, string][] {
  const { engine, image, imageId, container } = report;
  const lines: [string, string][] = [['Image', image]];
  if (imageId !== null) lines.push(['Image ID', imageId]);
  if (container) lines.push(['Container', container.name], ['Container ID', container.id]);
  if (engine !== null) lines.push(['Engine', engine]);
  if (container) {
    const started = new Date(container.startedAt).toLocaleString(undefined, {
      dateStyle: 'medium',
      timeStyle: 'short',
    });
    lines.push(['Started', started]);
  }
  return lines;
}

function detailsOf({ report, usage }: ContainerFacts): DetailRow[] {
  const { engine, image, imageId, container } = report;
  const rows = [
    detail('Image', shortImage(image), 'layers', {
      tooltip: imageId === null ? [image] : [image, imageId],
      copied: imageId ?? image,
    }),
  ];
  if (container) {
    rows.push(
      detail('Container', shortId(container.id), 'vm', {
        tooltip: [container.name, container.id],
        copied: container.id,
      }),
    );
  }
  if (engine !== null) rows.push(detail('Engine', engine, 'server-environment'));
  if (container) {
    rows.push(...usageRows(usage));
    const limits = container.limits.map((limit) => detail(limit, '', undefined));
    if (limits.length > 0) {
      const value = container.limits.join(', ');
      rows.push(detail('Limits', value, 'shield', { tooltip: container.limits, details: limits }));
    }
  }
  return rows;
}

/** Lines that are there from the first look on, so that none moves when the figures come. */
function usageRows(usage: MeasuredUsage | undefined): DetailRow[] {
  const { memory = null, memoryLimit = null, processes = null } = usage ?? {};
  const { processorsInUse = null, processors = null } = usage ?? {};
  const inMemory = (length: Length) =>
    outOf(memory, memoryLimit, (bytes) => describeMebibytes(bytes, length));
  return [
    detail('Memory', inMemory('short'), 'dashboard', { spoken: inMemory('long') }),
    detail('CPU', processorText(processorsInUse, processors), 'chip'),
    detail('Processes', processes === null ? '…' : NUMBER.format(processes), 'server-process'),
  ];
}

function processorText(inUse: number | null, limit: number | null): string {
  const text = outOf(inUse, limit, (processors) => NUMBER.format(processors));
  if (inUse === null) return text;
  return `${text} ${(limit ?? inUse) === 1 ? 'processor' : 'processors'}`;
}

function outOf(used: number | null, limit: number | null, words: (quantity: number) => string): string {
  if (used === null) return '…';
  return limit === null ? words(used) : `${words(used)} of ${words(limit)}`;
}

function detail(
  name: string,
  value: string,
  icon: string | undefined,
  more: Partial<Pick<DetailRow, 'spoken' | 'tooltip' | 'copied' | 'details'>> = {},
): DetailRow {
  const { spoken = value, tooltip = [value || name], copied, details = [] } = more;
  const whole = spoken === '' ? name : `${name}: ${spoken}`;
  return { name, value, icon, spoken: whole, tooltip, copied, details };
}
