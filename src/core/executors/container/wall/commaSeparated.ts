/** A line of comma-separated values, as engines read several flags. */
export function commaSeparated(values: readonly string[]): string {
  return values.map((value) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',');
}
