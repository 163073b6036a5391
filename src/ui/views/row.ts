/** A line of a view in words. Plain data. */
export interface Row {
  readonly label: string;
  readonly description: string;
  /** The name of a codicon. */
  readonly icon: string;
  /** Said in words as well. */
  readonly tone: 'plain' | 'good' | 'warning' | 'error';
  /** What the `when` clauses of its actions look at. */
  readonly context: string;
  /** For those who hear it. */
  readonly spoken: string;
  /** In Markdown; by default there is none, or it is worked out when it is wanted. */
  readonly tooltip?: string;
}
