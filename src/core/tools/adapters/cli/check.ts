import { pythonNameFor } from '../../../python-source/identifiers.ts';
import type { ToolProblem } from '../../tool.ts';
import type { CliConfig, CliValue } from './config.ts';
import { type CliParameter, callableNameFor, choicesOf, parametersOf, typeOf } from './parameters.ts';

type Path = ToolProblem['path'];

const VARIABLE_NAME = /^[^\s=\0]+$/u;

/** What is wrong with a definition beyond its form. */
export function checkCliConfig(config: CliConfig): readonly ToolProblem[] {
  const parameters = parametersOf(config);
  return [
    ...checkProgram(config),
    ...checkNames(config, parameters),
    ...parameters.flatMap((parameter) => checkDefault(config, parameter)),
    ...checkRecipes(config, parameters),
  ];
}

function checkProgram({ command, cwd, env, recipes }: CliConfig): ToolProblem[] {
  const problems: ToolProblem[] = [];
  if (command !== undefined && /\s/u.test(command) && !/[\\/]/u.test(command)) {
    const message = '`command` is one program, not a command line: what follows it goes to `subcommand`.';
    problems.push({ severity: 'warning', message, path: ['command'] });
  }
  if (cwd !== undefined && /^~|\$|%\w+%/u.test(cwd)) {
    const message = 'There is no shell that fills ~ or variables: write a path from the workspace folder.';
    problems.push({ severity: 'error', message, path: ['cwd'] });
  }
  for (const name of Object.keys(env)) {
    if (VARIABLE_NAME.test(name)) continue;
    const message = `${JSON.stringify(name)} cannot be the name of an environment variable.`;
    problems.push({ severity: 'error', message, path: ['env', name] });
  }
  if (Object.keys(recipes).length === 0) {
    const message =
      'There is no recipe: only tools.NAME(...) can be called, and py-code-mode refuses the file.';
    problems.push({ severity: 'warning', message, path: ['recipes'] });
  }
  return problems;
}

/** Two that Python code would call the same. */
function checkNames(config: CliConfig, parameters: readonly CliParameter[]): ToolProblem[] {
  const problems: ToolProblem[] = [];
  const namesUsed = new Map<string, string>();
  for (const parameter of parameters) {
    const name = pythonNameFor(parameter.name);
    const other = namesUsed.get(name);
    namesUsed.set(name, parameter.name);
    if (other === undefined) continue;
    const message =
      other === parameter.name
        ? `Two parameters are called ${other}.`
        : `In Python, ${other} and ${parameter.name} are both called ${name}.`;
    problems.push({ severity: 'error', message, path: pathOf(config, parameter) });
  }
  const callablesUsed = new Map<string, string>();
  for (const recipe of Object.keys(config.recipes)) {
    const name = callableNameFor(recipe);
    const other = callablesUsed.get(name);
    callablesUsed.set(name, recipe);
    const path = ['recipes', recipe];
    if (other !== undefined) {
      const message = `In Python, ${other} and ${recipe} are both called ${name}.`;
      problems.push({ severity: 'error', message, path });
    } else if (name !== pythonNameFor(recipe)) {
      const message = `tools.${config.name}.${recipe} is a method already: Python code calls this recipe ${name}.`;
      problems.push({ severity: 'warning', message, path });
    }
  }
  return problems;
}

function checkDefault(config: CliConfig, parameter: CliParameter): ToolProblem[] {
  if (parameter.kind === 'stdin') return [];
  const { spec } = parameter;
  const path = pathOf(config, parameter);
  const problems = checkValue(parameter, spec.default, [...path, 'default']);
  if ('separator' in spec && spec.separator !== undefined && typeOf(spec) !== 'array') {
    const message = '`separator` is for `type: array` only.';
    problems.push({ severity: 'warning', message, path: [...path, 'separator'] });
  }
  return problems;
}

function checkRecipes(config: CliConfig, parameters: readonly CliParameter[]): ToolProblem[] {
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  return Object.entries(config.recipes).flatMap(([recipe, { preset, params }]) => {
    const given = [
      ...Object.entries(preset).map(([name, value]) => ({
        name,
        value,
        path: ['recipes', recipe, 'preset', name],
      })),
      ...Object.entries(params).map(([name, override]) => ({
        name,
        value: override?.default,
        path: ['recipes', recipe, 'params', name],
      })),
    ];
    return given.flatMap(({ name, value, path }) => {
      const parameter = byName.get(name);
      if (parameter) return checkValue(parameter, value, path);
      const there = parameters.map((each) => each.name).join(', ') || 'none';
      const message = `There is no parameter ${name} in the schema, so it is left out. There are: ${there}.`;
      return [{ severity: 'warning', message, path }];
    });
  });
}

/** A value in the file that a parameter can't have. */
function checkValue(parameter: CliParameter, value: CliValue | undefined, path: Path): ToolProblem[] {
  if (value === undefined || value === null || parameter.kind === 'stdin') return [];
  const { name, spec } = parameter;
  const problem = (message: string): ToolProblem[] => [{ severity: 'error', message, path }];
  const type = typeOf(spec);
  if (type === 'boolean' && typeof value !== 'boolean')
    return problem(`${name} is a boolean: true or false.`);
  if (type === 'integer' && !Number.isInteger(Number(value))) return problem(`${name} is a whole number.`);
  if (type === 'number' && Number.isNaN(Number(value))) return problem(`${name} is a number.`);
  if (type !== 'array' && Array.isArray(value)) return problem(`${name} is one value, not a list.`);
  const choices = choicesOf(spec)?.map(String);
  const other = [value].flat().find((each) => choices && !choices.includes(String(each)));
  return choices && other !== undefined ? problem(`${name} can only be ${choices.join(', ')}.`) : [];
}

function pathOf({ schema }: CliConfig, { kind, name, spec }: CliParameter): (string | number)[] {
  switch (kind) {
    case 'option':
      return ['schema', 'options', name];
    case 'positional':
      return ['schema', 'positional', schema.positional.indexOf(spec)];
    case 'stdin':
      return ['schema', 'stdin'];
  }
}
