/** Python that loads an artifact. */
export function loadingCode(name: string): string {
  // What JSON writes between quotes means the same in Python.
  return `artifacts.load(${JSON.stringify(name)})`;
}
