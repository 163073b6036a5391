import { z } from 'zod';
import { commonFields } from '../../definition/common.ts';
import type { CommonConfig } from '../../tool.ts';

const NAME_HELP = `\`\${NAME}\` stands for a variable of the environment or a secret that is asked for once.`;
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;

const TypeSchema = z.enum(['string', 'integer', 'number', 'boolean', 'array', 'object', 'bytes', 'any']);

const ParameterSchema = z.object({
  type: TypeSchema.default('string').describe(
    'What Python gives: `string` (default), `integer`, `number`, `boolean`, `array`, `object`, `bytes` or `any`.',
  ),
  required: z
    .boolean()
    .exactOptional()
    .describe('Whether it has to be given. Default: true in the path, false elsewhere.'),
  default: z.json().exactOptional().describe('What is sent where it is not given.'),
  description: z.string().default('').describe('What it means.'),
  enum: z.array(z.json()).exactOptional().describe('The values that it can have.'),
  items: TypeSchema.exactOptional().describe('For an `array`: the type of what is in it.'),
  list: z
    .enum(['repeat', 'comma', 'space', 'pipe'])
    .default('repeat')
    .describe(
      'How an `array` is written in the query: `repeat` (default) is `a=1&a=2`, the others put that sign between.',
    ),
});

/** One parameter of an endpoint, as the file declares it. */
export type ParameterConfig = z.infer<typeof ParameterSchema>;

const ParametersSchema = z.record(z.string().min(1), ParameterSchema.nullable());

/** Parameters by the name that the API knows; null: all of its keys are left to their defaults. */
export type ParametersConfig = z.infer<typeof ParametersSchema>;

/** What stands for a parameter of which only the name is given. */
export const PLAIN_PARAMETER: ParameterConfig = ParameterSchema.parse({});

const EndpointSchema = z.object({
  name: z.string().min(1).describe('What Python code calls it: `tools.TOOL.NAME(...)`.'),
  method: z.enum(METHODS).default('GET').describe('The HTTP method; default: `GET`.'),
  path: z
    .string()
    .describe('What follows `base_url`, such as `/items/{item_id}`. A name in braces is a parameter.'),
  description: z.string().default('').describe('What it does.'),
  path_params: ParametersSchema.default({}).describe('The parameters in braces of `path`, by name.'),
  query: ParametersSchema.default({}).describe('Parameters of the query, by name.'),
  headers: ParametersSchema.default({}).describe('Parameters that are sent as headers, by name.'),
  body: ParametersSchema.exactOptional().describe('Parameters that are sent as one JSON object, by name.'),
  form: ParametersSchema.exactOptional().describe(
    'Parameters that are sent as a form (URL-encoded), by name.',
  ),
  multipart: ParametersSchema.exactOptional().describe(
    'Parameters that are sent as a form with files, by name; those of type `bytes` are the files.',
  ),
  whole_body: z
    .object({
      type: z.enum(['json', 'text', 'bytes']).default('json').describe('What is sent; default: `json`.'),
      content_type: z.string().exactOptional().describe('Its media type, such as `text/csv`.'),
      required: z.boolean().default(true).describe('Whether it has to be given; default: true.'),
      description: z.string().default('').describe('What it means.'),
    })
    .exactOptional()
    .describe('One parameter, `body`, that is sent as it is.'),
  response: z
    .enum(['auto', 'json', 'text', 'bytes'])
    .default('auto')
    .describe('What the call gives; default: `auto`, by the content type of the answer.'),
});

/** One endpoint, as the file declares it. */
export type EndpointConfig = z.infer<typeof EndpointSchema>;

const TextsSchema = z.union([z.string(), z.array(z.string()).min(1)]);

const OperationRuleSchema = z.union([
  z.string().describe('An operationId, or the name that Python has for it; `*` stands for any characters.'),
  z
    .object({
      operation: TextsSchema.exactOptional().describe('The operationId, or the name that Python has for it.'),
      tag: TextsSchema.exactOptional().describe('One of its tags.'),
      path: TextsSchema.exactOptional().describe('Its path as the document has it, such as `/pets/*`.'),
      method: TextsSchema.exactOptional().describe('Its HTTP method.'),
    })
    .describe('All that is said here has to fit; of a list, one. `*` stands for any characters.'),
]);

/** Which operations of a document are meant. */
export type OperationRule = z.infer<typeof OperationRuleSchema>;

const OpenApiSchema = z.object({
  document: z
    .string()
    .min(1)
    .describe(
      `An OpenAPI 3 document, JSON or YAML: a file (from the folder of this one), or a URL. ${NAME_HELP}`,
    ),
  include: z
    .array(OperationRuleSchema)
    .exactOptional()
    .describe('Operations that become callables: those that fit one of these. Default: all.'),
  exclude: z
    .array(OperationRuleSchema)
    .default([])
    .describe('Operations that do not, even where `include` has them: those that fit one of these.'),
});

/** An OpenAPI document and what is taken from it. */
export type OpenApiConfig = z.infer<typeof OpenApiSchema>;

/** How the file of an HTTP tool is written. */
export const HttpConfigSchema = z.object({
  ...commonFields,
  base_url: z
    .string()
    .exactOptional()
    .describe(
      `What every path is appended to, such as \`https://api.example.com/v1\`. ${NAME_HELP} ` +
        'Where there is an OpenAPI document, the default is the first of its servers.',
    ),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .describe(`Headers that are always sent, such as \`Authorization: Bearer \${TOKEN}\`. ${NAME_HELP}`),
  query: z
    .record(z.string(), z.string())
    .default({})
    .describe(`What is always in the query, such as \`api_key: \${API_KEY}\`. ${NAME_HELP}`),
  basic_auth: z
    .object({
      username: z.string().describe(`The user's name. ${NAME_HELP}`),
      password: z.string().default('').describe(`The password. ${NAME_HELP}`),
    })
    .exactOptional()
    .describe('User and password that are sent with every request (Basic authentication).'),
  timeout: z
    .number()
    .positive()
    .max(86_400)
    .default(30)
    .describe('Seconds that a call may take, with redirects and retries; default: 30.'),
  proxy: z
    .string()
    .exactOptional()
    .describe(
      'The proxy of this tool, for every host, this machine as well; `none`: no proxy. Default: what the settings ' +
        'or the environment say (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), and none for this machine.',
    ),
  endpoints: z.array(EndpointSchema).default([]).describe('The callables, one for each endpoint.'),
  openapi: OpenApiSchema.exactOptional().describe(
    'An OpenAPI 3 document whose operations become callables, beside those of `endpoints`.',
  ),
});

/** An HTTP tool, as its file defines it. Keys are those of the file. */
export type HttpConfig = z.infer<typeof HttpConfigSchema> & CommonConfig;

/** The HTTP methods that an endpoint can have. */
export type Method = (typeof METHODS)[number];

/** {@link Method} of what a document says, in whatever case; undefined for others. */
export function methodOf(text: string): Method | undefined {
  const upper = text.toUpperCase();
  return METHODS.find((method) => method === upper);
}
