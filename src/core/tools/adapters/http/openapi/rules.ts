import type { OpenApiConfig, OperationRule } from '../config.ts';

/** What rules know of an operation. */
export interface RuleSubject {
  /** The operationId, where there is one, and the Python name. */
  readonly names: readonly string[];
  readonly tags: readonly string[];
  readonly path: string;
  readonly method: string;
}

/** Whether an operation becomes a callable. */
export function isIncluded({ include, exclude }: OpenApiConfig, subject: RuleSubject): boolean {
  const isMeant = !include || include.some((rule) => fits(rule, subject));
  return isMeant && !exclude.some((rule) => fits(rule, subject));
}

/** Whether `rule` means the operation: everything that it says fits. */
export function fits(rule: OperationRule, { names, tags, path, method }: RuleSubject): boolean {
  if (typeof rule === 'string') return matches(rule, names);
  const said = [
    [rule.operation, names],
    [rule.tag, tags],
    [rule.path, [path]],
    [rule.method, [method.toUpperCase(), method.toLowerCase()]],
  ] as const;
  return said.every(([patterns, texts]) => patterns === undefined || matches(patterns, texts));
}

function matches(patterns: string | readonly string[], texts: readonly string[]): boolean {
  return [patterns].flat().some((pattern) => {
    const expression = new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`, 's');
    return texts.some((text) => expression.test(text));
  });
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
