import { inSlices } from '../common/slices.ts';
import type { ToolCallableInfo, ToolInfo, ToolParameter } from '../contract/tools.ts';
import { ANY, annotationOfParameter, annotationOfType } from './annotations.ts';
import PACKAGE_TOOLS from './package/tools.pyi';
import { docstring, literal } from './pythonText.ts';
import { members, methodText, type StubFunction, type StubParameter } from './signature.ts';

/** What `tools.NAME` means already. */
const OF_TOOLS = new Set(['list', 'search']);
/** What `tools.TOOL.NAME` means already. */
const OF_TOOL = new Set(['list', 'call_sync', 'call_async']);

/** The stub of `code_mode.tools`: what every session has, and the tools of this workspace. */
export async function toolsStub(tools: readonly ToolInfo[]): Promise<string> {
  const attributes: string[] = [];
  const classes: string[] = [];
  await inSlices(members(tools, OF_TOOLS), (tool) => {
    const documentation = docstring(tool.description, '    ');
    attributes.push([`    ${tool.name}: ${className(tool.name)}`, documentation].filter(Boolean).join('\n'));
    classes.push(toolClass(tool));
  });
  return `${[PACKAGE_TOOLS.trimEnd(), ...attributes, ...classes].join('\n\n')}\n`;
}

function toolClass({ name, description, callables, direct }: ToolInfo): string {
  const shown = members(callables, OF_TOOL);
  const isKnown = shown.length === callables.length && (callables.length > 0 || direct !== null);
  const body = [
    ...(direct ? directCalls(direct) : []),
    ...shown.map((callable) => methodText({ ...functionOf(callable), decorator: decoratorOf(callable) })),
    ...(isKnown ? [] : [`    def __getattr__(self, name: _builtins.str) -> ${ANY}: ...`]),
  ];
  const documentation = docstring(description, '    ');
  return [
    `class ${className(name)}(_ToolNamespace):`,
    ...(documentation ? [documentation] : []),
    body.join('\n\n'),
  ].join('\n');
}

/** Makes of a function what is called with or without `await`: text is text either way, anything else is not told. */
function decoratorOf({ returns }: ToolCallableInfo): string {
  return returns === 'string' ? '_text' : '_callable';
}

/** `tools.NAME(...)` in its three forms. */
function directCalls(callable: ToolCallableInfo): string[] {
  const call = functionOf(callable);
  return [
    methodText({ ...call, name: '__call__', returns: callable.returns === 'string' ? '_Text' : ANY }),
    methodText({ ...call, name: 'call_sync' }),
    methodText({ ...call, name: 'call_async', isAsync: true }),
  ];
}

function functionOf({ name, description, parameters, returns }: ToolCallableInfo): StubFunction {
  return { name, description, parameters: parameters.map(parameterOf), returns: annotationOfType(returns) };
}

function parameterOf(parameter: ToolParameter): StubParameter {
  const { name, description, required, default: fallback } = parameter;
  return {
    name,
    description,
    annotation: annotationOfParameter(parameter),
    fallback: required ? undefined : defaultText(parameter, fallback),
  };
}

/** The default where it is of the kind that the parameter takes: a definition may say `"5"` of a number. */
function defaultText({ type, schema }: ToolParameter, fallback: ToolParameter['default']): string {
  if (fallback === undefined || fallback === null) return 'None';
  const choices = schema.enum;
  const fits =
    (Array.isArray(choices) ? choices.includes(fallback) : true) &&
    (type === 'any' || type === typeof fallback || (type === 'integer' && Number.isInteger(fallback)));
  return (fits ? literal(fallback) : undefined) ?? '...';
}

/** No tool and no type can have that name. */
function className(tool: string): string {
  return `_Tool_${tool}`;
}
