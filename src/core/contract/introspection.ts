/** A completion that Python offers at a place in the code. */
export interface Completion {
  /** What replaces the text between the result's `start` and `end`. */
  readonly text: string;
  readonly kind: 'module' | 'class' | 'function' | 'keyword' | 'variable' | 'property';
  /** One line, such as the signature or the type. */
  readonly detail: string;
}

/** Completions for `code[start:end]`, offsets in UTF-16 code units as editors count. */
export interface CompletionResult {
  readonly start: number;
  readonly end: number;
  readonly items: readonly Completion[];
}

/** What is known about the name under the cursor. */
export interface Inspection {
  readonly name: string;
  readonly type: string;
  readonly signature: string;
  readonly documentation: string;
  /** A bounded `repr` of the value. */
  readonly value: string;
}

/** A variable of the session. */
export interface Variable {
  readonly name: string;
  readonly type: string;
  /** A bounded `repr`. */
  readonly value: string;
  /** Length, or shape as text, where the object has one. */
  readonly size: string;
}
