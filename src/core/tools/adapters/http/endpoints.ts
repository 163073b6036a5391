import type { Json } from '../../../contract/execution.ts';
import type { ToolParameter, ToolValueType } from '../../../contract/tools.ts';
import type { NameSet } from '../../../python-source/identifiers.ts';
import type { ParametersConfig } from './config.ts';
import { type EndpointConfig, type HttpConfig, type ParameterConfig, PLAIN_PARAMETER } from './config.ts';
import { nameAsWritten } from './names.ts';
import type { BodyPlan, Field, Input, Operation, Style, Writing } from './operation.ts';
import { ParameterNames } from './parameterNames.ts';

const LIST_STYLES = {
  repeat: 'form',
  comma: 'form',
  space: 'spaceDelimited',
  pipe: 'pipeDelimited',
} as const satisfies Record<ParameterConfig['list'], Style>;

/** The names in braces of a path, each once, in order. */
export function pathParameterNames(path: string): readonly string[] {
  return [...new Set([...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name ?? ''))];
}

/** The operations that a file declares itself. @param names of callables; takes those of the endpoints */
export function operationsOfEndpoints(config: HttpConfig, names: NameSet): readonly Operation[] {
  return config.endpoints.map((endpoint) => operationOf(endpoint, config, names));
}

function operationOf(endpoint: EndpointConfig, config: HttpConfig, callables: NameSet): Operation {
  const names = new ParameterNames(nameAsWritten);
  const inPath = pathParameterNames(endpoint.path);
  const declared = Object.fromEntries(inPath.map((name) => [name, endpoint.path_params[name] ?? null]));
  const inputs = [
    ...inputsOf(declared, 'path', names),
    ...inputsOf(endpoint.query, 'query', names),
    ...inputsOf(endpoint.headers, 'header', names),
  ];
  const body = bodyOf(endpoint, names);
  const parameters = [
    ...inputs.map(({ parameter }) => parameter),
    ...(body?.whole ? [body.whole] : (body?.fields ?? []).flatMap(({ parameter }) => parameter ?? [])),
  ];
  return {
    info: {
      name: callables.take(nameAsWritten(endpoint.name)),
      originalName: endpoint.name,
      description: endpoint.description || `${endpoint.method} ${endpoint.path}`,
      parameters: requiredFirst(parameters),
      returns: returnsOf(endpoint),
    },
    method: endpoint.method,
    baseUrl: config.base_url ?? '',
    path: endpoint.path,
    inputs,
    body,
    response: endpoint.response,
  };
}

/** Parameters that have to be given before the others: as Python signatures have them. */
export function requiredFirst(parameters: readonly ToolParameter[]): readonly ToolParameter[] {
  return [
    ...parameters.filter(({ required }) => required),
    ...parameters.filter(({ required }) => !required),
  ];
}

function returnsOf({ method, response }: EndpointConfig): ToolValueType {
  if (method === 'HEAD') return 'object';
  return response === 'text' ? 'string' : response === 'bytes' ? 'bytes' : 'any';
}

function inputsOf(parameters: ParametersConfig, place: Input['place'], names: ParameterNames): Input[] {
  return Object.entries(parameters).map(([wireName, given]) => {
    const config = given ?? PLAIN_PARAMETER;
    return {
      ...writingOf(wireName, config, place),
      place,
      parameter: parameterOf(wireName, config, place, names),
    };
  });
}

function writingOf(wireName: string, config: ParameterConfig, place: Input['place'] | 'body'): Writing {
  const explode = config.list === 'repeat';
  const style: Style =
    config.type === 'object'
      ? 'json'
      : place === 'path' || place === 'header'
        ? 'simple'
        : LIST_STYLES[config.list];
  return { wireName, style, explode, allowReserved: false };
}

function parameterOf(
  wireName: string,
  config: ParameterConfig,
  place: Input['place'] | 'body',
  names: ParameterNames,
): ToolParameter {
  const required = config.default === undefined && (config.required ?? place === 'path');
  return {
    ...names.take(wireName, place),
    type: config.type,
    description: config.description,
    required,
    ...(config.default !== undefined && { default: config.default }),
    schema: schemaOf(config),
  };
}

function schemaOf({ type, items, enum: choices }: ParameterConfig): { [key: string]: Json } {
  return {
    ...typeSchema(type),
    ...(items && { items: typeSchema(items) }),
    ...(choices && { enum: choices }),
  };
}

function typeSchema(type: ToolValueType): { [key: string]: Json } {
  if (type === 'any') return {};
  return type === 'bytes' ? { type: 'string', format: 'binary' } : { type };
}

function bodyOf(endpoint: EndpointConfig, names: ParameterNames): BodyPlan | undefined {
  const { whole_body: whole, body, form, multipart } = endpoint;
  if (whole) {
    const contentType = whole.content_type ?? CONTENT_TYPES[whole.type];
    const type = whole.type === 'json' ? 'any' : whole.type === 'text' ? 'string' : 'bytes';
    const parameter: ToolParameter = {
      ...names.take('body', 'request'),
      type,
      description: whole.description,
      required: whole.required,
      schema: typeSchema(type),
    };
    return { encoding: whole.type, contentType, required: whole.required, whole: parameter, fields: [] };
  }
  const encoding = body ? 'json' : form ? 'form' : multipart ? 'multipart' : undefined;
  if (!encoding) return undefined;
  const fields = Object.entries(body ?? form ?? multipart ?? {}).map(([wireName, given]): Field => {
    const config = given ?? PLAIN_PARAMETER;
    return {
      ...writingOf(wireName, config, 'body'),
      parameter: parameterOf(wireName, config, 'body', names),
      contentType: undefined,
    };
  });
  return { encoding, contentType: CONTENT_TYPES[encoding], required: true, whole: undefined, fields };
}

/** The media type of each kind of body. */
export const CONTENT_TYPES = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  multipart: 'multipart/form-data',
  text: 'text/plain; charset=utf-8',
  bytes: 'application/octet-stream',
} as const satisfies Record<BodyPlan['encoding'], string>;
