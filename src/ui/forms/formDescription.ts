/** What a field takes: a JSON type, or `any` for a Python expression. */
export type FieldType = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'any';

/** A parameter that a person is asked for. */
export interface FormField {
  /** Unique in its form. */
  readonly name: string;
  readonly type: FieldType;
  readonly description: string;
  /** Whether it must be given. */
  readonly required: boolean;
  /** What is used where it is not given, as it is shown; '' where there is nothing to show. */
  readonly default: string;
  /** The only values of a `string` that can be chosen; undefined: any text. */
  readonly choices?: readonly string[];
}

/** What a person is asked. */
export interface FormDescription {
  readonly title: string;
  readonly description: string;
  /** What the button says that submits the form, such as `Run`. */
  readonly submit: string;
  readonly fields: readonly FormField[];
}

/** What was typed, by field, as it was typed; null where the field is left unset. */
export type FormEntries = Readonly<Record<string, string | null>>;

/** A value that was given. */
export interface FieldValue {
  readonly name: string;
  /** As the source text of a Python expression; never loses a digit. */
  readonly python: string;
  /** As JSON text; undefined where JSON cannot say it: `inf`, or an expression that is no JSON. */
  readonly json: string | undefined;
}
