import type { TransferKind } from '../transferStore.ts';
import { artifactShelf } from './artifacts.ts';
import { dependencyShelf } from './deps.ts';
import type { Shelf } from './shelf.ts';
import { toolShelf } from './tools.ts';
import { workflowShelf } from './workflows.ts';

/** How each kind of content is transferred. */
export const SHELVES: Readonly<Record<TransferKind, Shelf>> = {
  workflows: workflowShelf,
  artifacts: artifactShelf,
  tools: toolShelf,
  deps: dependencyShelf,
};
