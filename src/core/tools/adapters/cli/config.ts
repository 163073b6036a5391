import { z } from 'zod';
import { TimeoutSchema } from '../../../contract/execution.ts';
import { commonFields } from '../../definition/common.ts';

/** Seconds after which a program is ended, unless the definition says otherwise. */
const DEFAULT_TIMEOUT_S = 60;

const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const Value = z.union([Scalar, z.array(Scalar), z.null()]);
/** What YAML may leave without quotes. */
const Text = z.union([z.string(), z.number()]).transform(String);
const Words = z.union([z.string(), z.array(Text)]);

const ParameterType = z
  .enum(['string', 'integer', 'number', 'boolean', 'array', 'str', 'int', 'float', 'bool', 'list'])
  .describe(
    '`boolean` is a flag, `array` takes several values. `str`, `int`, `float`, `bool` and `list` are understood as well.',
  );

const parameterFields = {
  type: ParameterType.default('string'),
  description: z.string().default('').describe('What it does; shown to people and agents.'),
  required: z.boolean().default(false).describe('Whether a call has to give it.'),
  default: Value.exactOptional().describe('What counts where a call does not give it.'),
  choices: z
    .array(Scalar)
    .min(1)
    .exactOptional()
    .describe('The values that it can have; others are refused.'),
  enum: z.array(Scalar).min(1).exactOptional().describe('Another word for `choices`.'),
};

const Option = z.object({
  ...parameterFields,
  short: Text.pipe(
    z.string().regex(/^[^\s=-][^\s=]*$/u, 'It is written without the dash, such as `s` for -s.'),
  )
    .exactOptional()
    .describe('With one dash in place of the name with two: `s` gives -s, `timeout` gives -timeout.'),
  flag: z
    .string()
    .regex(/^\S+$/u, 'It is one word, as it stands on the command line.')
    .exactOptional()
    .describe(
      'As it stands on the command line, in place of `short` and the name: `+short`. One that ends with `=` has its value in the same argument.',
    ),
  separator: z
    .string()
    .min(1)
    .exactOptional()
    .describe(
      'For an array: its items are joined by this into one value, in place of the option once for each.',
    ),
});

const Positional = z.object({
  name: Text.pipe(z.string().min(1)).describe('What Python code calls it.'),
  ...parameterFields,
});

const Stdin = z.object({
  name: z.string().min(1).default('input').describe('What Python code calls it.'),
  description: z.string().default('').describe('What the program reads.'),
  required: z
    .boolean()
    .default(false)
    .describe('Whether a call has to give it. Without it, the input is empty.'),
});

const Output = z.enum(['text', 'json', 'json_lines', 'bytes']);

/** What a recipe says of a parameter of the schema; what it leaves out is as there. */
const ParameterOverride = z.object({
  type: ParameterType.exactOptional(),
  description: z.string().exactOptional().describe('In place of the one in the schema.'),
  required: z.boolean().exactOptional().describe('In place of what the schema says.'),
  default: Value.exactOptional().describe('What counts where a call does not give it.'),
});

const subcommand = Words.exactOptional().describe(
  'Words right after the program, before the options: `log`, or `[remote, add]`.',
);
const output = Output.exactOptional().describe(
  'What the program prints: `text`, `json` (comes as Python values), `json_lines` (a list of them, one a line) or `bytes`. By default text, or bytes where it is not UTF-8.',
);
const timeout = TimeoutSchema.describe('Seconds after which the program and what it has started are ended.');

const Recipe = z.object({
  description: z.string().default('').describe('What this recipe does.'),
  subcommand,
  preset: z
    .record(z.string(), Value)
    .default({})
    .describe('Values of parameters of the schema. What a call gives counts before them.'),
  params: z
    .record(z.string(), ParameterOverride.nullable())
    .default({})
    .describe(
      'The parameters of the schema that this recipe shows; `{}` shows one as it is. None: all of them.',
    ),
  output,
  timeout: timeout.exactOptional(),
});

export const CliConfigSchema = z.object({
  ...commonFields,
  type: z
    .literal('cli')
    .exactOptional()
    .describe('A command-line program; what a tool is unless it says otherwise.'),
  command: z
    .string()
    .min(1)
    .exactOptional()
    .describe(
      'The program: a name on the search path, or a path from the workspace folder. By default the name of the tool. There is no shell.',
    ),
  subcommand,
  timeout: timeout.default(DEFAULT_TIMEOUT_S),
  cwd: z
    .string()
    .min(1)
    .exactOptional()
    .describe('The folder that it runs in, from the workspace folder, which is the default.'),
  env: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({})
    .describe(
      `Environment variables beside the ordinary ones. Every \${NAME} is filled from the environment or from your secrets.`,
    ),
  output,
  exit_codes: z
    .array(z.int().min(0))
    .min(1)
    .default([0])
    .describe('The exit codes that are no error, such as `[0, 1]` for grep.'),
  end_of_options: z
    .boolean()
    .exactOptional()
    .describe(
      'Whether the program takes `--` for the end of its options and `-xVALUE` for a value of -x. Then arguments may begin with `-`; otherwise they are refused. Known already of common programs.',
    ),
  schema: z
    .object({
      options: z
        .record(z.string().min(1), Option.nullable())
        .default({})
        .describe('By name, in their order on the command line.'),
      positional: z.array(Positional).default([]).describe('What follows the options, in this order.'),
      stdin: Stdin.exactOptional().describe(
        'A parameter whose text or bytes the program reads as its standard input.',
      ),
    })
    .prefault({})
    .describe('What the program takes.'),
  recipes: z
    .record(z.string().min(1), Recipe)
    .default({})
    .describe(
      'The callables: `tools.NAME.RECIPE(...)`. `tools.NAME(...)` takes every parameter of the schema.',
    ),
});

/** A command-line program as its definition has it. */
export type CliConfig = z.infer<typeof CliConfigSchema>;
export type CliOption = z.infer<typeof Option>;
export type CliPositional = z.infer<typeof Positional>;
export type CliRecipe = z.infer<typeof Recipe>;
export type CliOutput = z.infer<typeof Output>;
/** A value as YAML can give one. */
export type CliValue = z.infer<typeof Value>;

/** What an option is that says nothing. */
export const PLAIN_OPTION: CliOption = Option.parse({});
