import { isPythonName } from '../python-source/identifiers.ts';
import { ANY } from './annotations.ts';
import { docstring } from './pythonText.ts';

/** A parameter that is given by name. */
export interface StubParameter {
  readonly name: string;
  /** The type as Python writes it. */
  readonly annotation: string;
  /** What counts where it is not given, as Python writes it; undefined: it has to be given. */
  readonly fallback: string | undefined;
  readonly description: string;
}

/** A function in a class of a stub. */
export interface StubFunction {
  /** A name of Python; see {@link members}. */
  readonly name: string;
  readonly description: string;
  readonly parameters: readonly StubParameter[];
  /** The type as Python writes it. */
  readonly returns: string;
  readonly decorator?: string;
  readonly isAsync?: boolean;
}

const INDENT = '    ';
/** Characters up to which a signature stays on one line. */
const LINE_WIDTH = 100;

/** Those that code can say as `x.NAME` and mean by that, each name once. @param reserved what `x` has of its own */
export function members<T extends { readonly name: string }>(
  all: readonly T[],
  reserved: ReadonlySet<string>,
): T[] {
  const usable = all.filter(({ name }) => isPythonName(name) && !name.startsWith('_') && !reserved.has(name));
  return [...new Map(usable.map((one) => [one.name, one])).values()];
}

/** The lines of a function in a class, with what its parameters are. */
export function methodText({ name, description, parameters, returns, ...form }: StubFunction): string {
  const shown = distinct(parameters);
  const taken = new Set(shown.map((parameter) => parameter.name));
  const texts = shown.map((parameter) => {
    const typed = `${parameter.name}: ${parameter.annotation}`;
    return parameter.fallback === undefined ? typed : `${typed} = ${parameter.fallback}`;
  });
  // What can't be said here can be given all the same, by the name that the tool has for it.
  if (shown.length < parameters.length) texts.push(`**${free('arguments', taken)}: ${ANY}`);
  if (shown.length > 0) texts.unshift('*');
  texts.unshift(free('self', taken), '/');
  const head = `${form.isAsync ? 'async def' : 'def'} ${name}`;
  const onOne = `${INDENT}${head}(${texts.join(', ')}) -> ${returns}:`;
  const signature =
    onOne.length <= LINE_WIDTH
      ? onOne
      : [
          `${INDENT}${head}(`,
          ...texts.map((text) => `${INDENT}${INDENT}${text},`),
          `${INDENT}) -> ${returns}:`,
        ].join('\n');
  const body = docstring(documentation(description, shown), INDENT + INDENT) ?? `${INDENT}${INDENT}...`;
  return [...(form.decorator ? [`${INDENT}@${form.decorator}`] : []), signature, body].join('\n');
}

/** What a function does, and a line for each parameter of which something is known: editors show it beside that. */
function documentation(description: string, parameters: readonly StubParameter[]): string {
  const described = parameters
    .filter((parameter) => parameter.description.trim() !== '')
    .map((parameter) => `${parameter.name}: ${parameter.description.trim().replace(/\s+/gu, ' ')}`);
  return [description.trim(), described.join('\n')].filter(Boolean).join('\n\n');
}

/** Those that Python can name, each name once. */
function distinct(parameters: readonly StubParameter[]): readonly StubParameter[] {
  const usable = parameters.filter(({ name }) => isPythonName(name));
  return [...new Map(usable.map((parameter) => [parameter.name, parameter])).values()];
}

/** A name for what can't have the same as a parameter. */
function free(name: string, taken: ReadonlySet<string>): string {
  return taken.has(name) ? free(`_${name}`, taken) : name;
}
