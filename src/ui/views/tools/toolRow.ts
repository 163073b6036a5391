import type { ToolCallableInfo, ToolParameter, ToolState } from '../../../core/contract/tools.ts';
import { PYTHON_TYPES, pythonLiteral } from '../../../core/tools/pythonWords.ts';
import type { WorkspaceTool } from '../../store/workspaceTools.ts';
import { codeBlock, escapeMarkdown } from '../markdown.ts';
import type { Row } from '../row.ts';

/** A tool in the view, in words. */
export interface ToolRow extends Row {
  /** Why it cannot be used; undefined where it can. */
  readonly problem: string | undefined;
}

/** A parameter of a callable in the view, in words. */
export interface ParameterRow extends Row {
  /** In Markdown. */
  readonly tooltip: string;
}

/** Something that can be called: a callable of a tool, or the tool itself. */
export interface Target {
  readonly tool: WorkspaceTool;
  readonly callable: ToolCallableInfo;
  /** Whether it is what `tools.NAME(...)` calls. */
  readonly isDirect: boolean;
}

const ICONS: Readonly<Record<string, string>> = {
  cli: 'terminal',
  mcp: 'server-process',
  http: 'globe',
  extension: 'extensions',
};
const KINDS: Readonly<Record<string, string>> = {
  cli: 'command-line program',
  mcp: 'MCP server',
  http: 'HTTP API',
  extension: 'tool of an extension',
};
/** What is worth a word at a glance. */
const STATES: Readonly<Record<ToolState, string | undefined>> = {
  ready: undefined,
  starting: 'starting',
  running: 'running',
  failed: 'failed',
};
/** Characters of a value that a row shows. */
const SHOWN_VALUE = 60;

/** Puts a tool into words. */
export function describeTool(tool: WorkspaceTool): ToolRow {
  const { name, status, approval } = tool;
  const problem = problemOf(tool);
  if (problem !== undefined || !status) {
    const reason = problem ?? 'It cannot be used.';
    return {
      label: name,
      description: reason,
      problem: reason,
      icon: 'error',
      tone: 'error',
      context: contextOf(tool),
      spoken: `${name}, broken: ${reason}`,
    };
  }
  const { state, detail } = status.health;
  const marks = [
    state === 'failed' && detail !== '' ? `failed: ${firstLine(detail)}` : STATES[state],
    approval === 'ask' ? undefined : approval,
  ].filter((mark) => mark !== undefined);
  const about = firstLine(status.description);
  return {
    label: name,
    description: [...marks, about].filter(Boolean).join(' · '),
    problem: undefined,
    ...iconOf(tool),
    context: contextOf(tool),
    spoken: [name, KINDS[tool.type], ...marks, about].filter(Boolean).join(', '),
  };
}

/** Why a tool cannot be used; undefined where it can. */
export function problemOf({ problems }: Pick<WorkspaceTool, 'problems'>): string | undefined {
  return problems.find(({ severity }) => severity === 'error')?.message.replaceAll('`', '');
}

/** All that can be called of a tool; what `tools.NAME(...)` calls comes first. */
export function targetsOf(tool: WorkspaceTool): Target[] {
  const { direct = null, callables = [] } = tool.status ?? {};
  return [
    ...(direct ? [{ tool, callable: direct, isDirect: true }] : []),
    ...callables.map((callable) => ({ tool, callable, isDirect: false })),
  ];
}

/** What Python code calls: `tools.curl.get`, or `tools.curl` for the one that is the tool itself. */
export function calledAs({ tool, callable, isDirect }: Target): string {
  return isDirect ? `tools.${tool.name}` : `tools.${tool.name}.${callable.name}`;
}

/** Puts a callable into words. */
export function describeCallable({ tool, callable, isDirect }: Target): Row {
  const { parameters, description } = callable;
  const names = parameters.map(({ name }) => name);
  const about = firstLine(description);
  const label = isDirect ? `${tool.name}(…)` : callable.name;
  return {
    label,
    description: about || names.join(', '),
    icon: isDirect ? 'symbol-function' : 'symbol-method',
    tone: 'plain',
    context: [
      'callable',
      ...(tool.type === 'extension' ? [] : ['definition']),
      ...(tool.approval === 'blocked' ? ['blocked'] : []),
    ].join(' '),
    spoken: [
      isDirect ? `${tool.name}, the whole tool` : callable.name,
      names.length === 0 ? 'no parameters' : `parameters: ${names.join(', ')}`,
      about,
    ]
      .filter(Boolean)
      .join(', '),
  };
}

/** Puts a parameter into words. */
export function describeParameter(parameter: ToolParameter): ParameterRow {
  const { name, required, description } = parameter;
  const type = PYTHON_TYPES[parameter.type];
  const { enum: choices } = parameter.schema;
  const byDefault = parameter.default === undefined ? undefined : pythonLiteral(parameter.default);
  const optional = byDefault === undefined ? `${type}, optional` : shortened(`${type} = ${byDefault}`);
  return {
    label: `${name}:`,
    description: required ? `${type}, required` : optional,
    icon: 'symbol-parameter',
    tone: 'plain',
    context: 'parameter',
    spoken: [name, required ? `${type}, required` : optional, firstLine(description)]
      .filter(Boolean)
      .join(', '),
    tooltip: [
      codeBlock(parameterText(parameter), 'python'),
      escapeMarkdown(description),
      Array.isArray(choices) ? `One of ${escapeMarkdown(choices.map(pythonLiteral).join(', '))}` : '',
      originalNote(parameter),
    ]
      .filter(Boolean)
      .join('\n\n'),
  };
}

/** How it is called, as Python writes it: `tools.curl.get(url: str, data: str = "x") -> str`. */
export function signatureOf(target: Target): string {
  const { callable } = target;
  const returns = callable.returns === 'any' ? '' : ` -> ${PYTHON_TYPES[callable.returns]}`;
  return `${calledAs(target)}(${callable.parameters.map(parameterText).join(', ')})${returns}`;
}

/** Markdown with all that there is to know of a tool; icons are meant. */
export function toolMarkdown(tool: WorkspaceTool): string {
  const { name, type, status, problems, approval, uri } = tool;
  const facts: [string, string][] = [['Kind', KINDS[type] ?? 'not known']];
  if (status && status.health.state !== 'ready') {
    const { state, detail } = status.health;
    facts.push(['State', detail === '' ? state : `${state}. ${detail}`]);
  }
  if (status?.problem) facts.push(['Callables', status.problem]);
  if (approval !== 'ask')
    facts.push(['Approval', approval === 'allowed' ? 'its calls are allowed' : 'its calls are blocked']);
  if (status && status.tags.length > 0) facts.push(['Tags', status.tags.join(', ')]);
  if (type !== 'extension') facts.push(['Defined in', uri ? uri.fsPath : 'the store of the workspace']);
  return [
    `**${escapeMarkdown(name)}**`,
    escapeMarkdown(status?.description ?? ''),
    problems
      .map(({ severity, message }) => `$(${severity}) ${escapeMarkdown(message.replaceAll('`', ''))}`)
      .join('\n\n'),
    facts.map(([fact, text]) => `${fact}: ${escapeMarkdown(text)}`).join('  \n'),
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** Markdown with all that there is to know of a callable. */
export function callableMarkdown(target: Target): string {
  const { callable } = target;
  const parameters = callable.parameters.filter((parameter) => parameter.description !== '');
  return [
    codeBlock(signatureOf(target), 'python'),
    escapeMarkdown(callable.description),
    parameters.map((one) => `- \`${one.name}\`: ${escapeMarkdown(one.description)}`).join('\n'),
    originalNote(callable),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function iconOf({ type, status, approval, problems }: WorkspaceTool): Pick<Row, 'icon' | 'tone'> {
  if (approval === 'blocked') return { icon: 'circle-slash', tone: 'plain' };
  if (status?.health.state === 'failed') return { icon: 'error', tone: 'error' };
  if (status?.health.state === 'starting') return { icon: 'loading~spin', tone: 'plain' };
  if (problems.length > 0) return { icon: 'warning', tone: 'warning' };
  return { icon: ICONS[type] ?? 'tools', tone: 'plain' };
}

/** `tool` or `tool broken`, then what it has: `file`, `definition`, `server`, `live`, and how it is approved. */
function contextOf(tool: WorkspaceTool): string {
  const { status, uri, type, approval } = tool;
  if (problemOf(tool) !== undefined || !status)
    return uri ? 'tool broken file definition' : 'tool broken definition';
  const { state } = status.health;
  return [
    'tool',
    ...(uri ? ['file'] : []),
    ...(type === 'extension' ? [] : ['definition']),
    ...(status.hasServer ? ['server'] : []),
    ...(status.hasServer && (state === 'running' || state === 'starting') ? ['live'] : []),
    approval,
  ].join(' ');
}

/** As Python writes it: `times: int = 1`; `...` stands for what the tool decides. */
function parameterText({ name, type, required, default: value }: ToolParameter): string {
  const typed = `${name}: ${PYTHON_TYPES[type]}`;
  return required ? typed : `${typed} = ${value === undefined ? '...' : pythonLiteral(value)}`;
}

/** Says, in Markdown, what the tool calls something that Python cannot call so. */
function originalNote({
  name,
  originalName,
}: {
  readonly name: string;
  readonly originalName: string;
}): string {
  return originalName === name ? '' : `The tool calls it ${escapeMarkdown(originalName)}\\.`;
}

function shortened(text: string): string {
  return text.length > SHOWN_VALUE ? `${text.slice(0, SHOWN_VALUE - 1)}…` : text;
}

function firstLine(text: string): string {
  return text.trim().split(/\r\n|\n|\r/u, 1)[0] ?? '';
}
