import type { Cell, Column, Extent } from './tableContent.ts';

/** What the page asks the extension for. */
export type PageRequest =
  /** The page is there, or shall show the file anew. */
  | { readonly type: 'load' }
  | {
      readonly type: 'rows';
      /** Which version of the file is meant: as {@link PageMessage} gave it. */
      readonly version: number;
      /** The first row is 0. */
      readonly from: number;
      readonly count: number;
    }
  | { readonly type: 'openAsText' };

/** What the extension tells the page. */
export type PageMessage =
  | {
      readonly type: 'table';
      readonly version: number;
      readonly columns: readonly Column[];
      readonly extent: Extent;
    }
  | {
      readonly type: 'rows';
      readonly version: number;
      readonly from: number;
      readonly rows: readonly (readonly Cell[])[];
      /** As they are by now. */
      readonly columns: readonly Column[];
      readonly extent: Extent;
    }
  | { readonly type: 'failed'; readonly message: string; readonly hint: string };
