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
