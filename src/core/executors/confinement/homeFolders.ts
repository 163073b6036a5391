import { homedir, userInfo } from 'node:os';

/** The user's home folders: the one that programs go by, and the one that the system keeps, which may be another. */
export function homeFolders(): string[] {
  const found = [homedir, () => userInfo().homedir].map((ask) => {
    try {
      return ask();
    } catch {
      // In containers there are users whom the system does not know.
      return undefined;
    }
  });
  return [...new Set(found)].filter((home) => home !== undefined);
}
