/** Another name for an artifact. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** What comes of giving an artifact or a folder another name: a move of each artifact. */
export function movesOf(names: readonly string[], from: string, to: string): Move[] {
  if (from === to) return [];
  return names.map((name) => ({ from: name, to: name === from ? to : to + name.slice(from.length) }));
}

/** A name within a folder; `folder` is empty for the store itself. */
export function nameIn(folder: string, part: string): string {
  return folder === '' ? part : `${folder}/${part}`;
}

/** Whether a folder is another one or lies in it. */
export function isWithin(folder: string, other: string): boolean {
  return folder === other || folder.startsWith(`${other}/`);
}

/** What stands in the way of names: one that is taken, as an artifact or as a folder. */
export function conflictOf(taken: ReadonlySet<string>, moves: readonly Move[]): string | undefined {
  const folders = new Set<string>();
  for (const name of taken) {
    for (let end = name.indexOf('/'); end >= 0; end = name.indexOf('/', end + 1))
      folders.add(name.slice(0, end));
  }
  for (const { to } of moves) {
    if (taken.has(to) || folders.has(to)) return to;
    for (let end = to.indexOf('/'); end >= 0; end = to.indexOf('/', end + 1)) {
      if (taken.has(to.slice(0, end))) return to.slice(0, end);
    }
  }
  return undefined;
}
