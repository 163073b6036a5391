/** Types that a parameter without a default is likely to have. */
const LIKELY = ['str', 'int', 'float', 'bool', 'list', 'dict'];

/** The type of a default, as it is written, else those that are likely; the first is the best. */
export function typesOf(defaultSource: string | undefined): readonly string[] {
  if (defaultSource === undefined) return LIKELY;
  if (/^[rbuf]{0,2}["']/iu.test(defaultSource)) return /^[rf]?b/iu.test(defaultSource) ? ['bytes'] : ['str'];
  if (/^(?:True|False)\b/u.test(defaultSource)) return ['bool'];
  if (/^[+-]?\d[\d_]*(?![\d_.eEj])/u.test(defaultSource)) return ['int'];
  if (/^[+-]?(?:\d|\.\d)/u.test(defaultSource)) return ['float'];
  if (defaultSource.startsWith('[')) return ['list'];
  if (defaultSource.startsWith('{')) return ['dict'];
  if (/^None\b/u.test(defaultSource)) return LIKELY.map((type) => `${type} | None`);
  return LIKELY;
}
