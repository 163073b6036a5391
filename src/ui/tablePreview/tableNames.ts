/** Files that are nothing to read as text. */
const TABLES = /\.(?:csv|tsv|parquet|npy)$/i;
const MAY_BE_TABLES = /\.(?:csv|tsv|parquet|npy|json|jsonl|ndjson)$/i;

/** Whether a file of that name is best shown as a table. */
export function isTable(name: string): boolean {
  return TABLES.test(name);
}

/** Whether a file of that name can be shown as a table, if it has one. */
export function canBeTable(name: string): boolean {
  return MAY_BE_TABLES.test(name);
}
