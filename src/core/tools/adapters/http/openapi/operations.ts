import { CodeModeError } from '../../../../contract/errors.ts';
import type { ToolValueType } from '../../../../contract/tools.ts';
import type { NameSet } from '../../../../python-source/identifiers.ts';
import { type HttpConfig, type Method, methodOf } from '../config.ts';
import { requiredFirst } from '../endpoints.ts';
import { isHeaderName, isSetByClient } from '../headers.ts';
import { snakeCase } from '../names.ts';
import type { Input, Operation, Style } from '../operation.ts';
import { ParameterNames } from '../parameterNames.ts';
import { type ApiDocument, type Fields, isFields, own, type Place, textAt } from './apiDocument.ts';
import { bodyOfOperation, parameterOf } from './bodies.ts';
import { fits, isIncluded, type RuleSubject } from './rules.ts';
import { valueType } from './schemas.ts';
import { baseUrlOf, rootPlace, textsAt } from './servers.ts';

/** Headers that a document declares elsewhere, or that say how the message is sent. */
const NOT_PARAMETERS = new Set(['accept', 'content-type', 'authorization']);

/**
 * The operations of a document that the tool takes.
 *
 * @param names - of callables; takes those of the operations
 * @param problems - gets a sentence for each operation that can't be called, and for each rule that fits none
 */
export function operationsOfDocument(
  document: ApiDocument,
  config: HttpConfig,
  names: NameSet,
  problems: string[],
): readonly Operation[] {
  const operations: Operation[] = [];
  const subjects: RuleSubject[] = [];
  const root = rootPlace(document);
  for (const [path, item] of document.members(document.at(root, 'paths'))) {
    if (!path.startsWith('/')) continue;
    try {
      const pathItem = document.resolve(item);
      for (const [key, place] of document.members(pathItem)) {
        const method = methodOf(key);
        if (!method || key !== key.toLowerCase() || !isFields(place.value)) continue;
        const subject = subjectOf(path, method, place, place.value);
        subjects.push(subject);
        if (config.openapi && !isIncluded(config.openapi, subject)) continue;
        try {
          operations.push(operationOf({ document, config, path, method, place, pathItem, names }));
        } catch (error) {
          problems.push(sentence(subject.names[0] ?? path, error));
        }
      }
    } catch (error) {
      problems.push(sentence(path, error));
    }
  }
  for (const rule of config.openapi?.include ?? []) {
    if (!subjects.some((subject) => fits(rule, subject))) {
      problems.push(`include: no operation of ${document.name} fits ${JSON.stringify(rule)}.`);
    }
  }
  return operations;
}

function sentence(what: string, error: unknown): string {
  return `${what} can't be called. ${CodeModeError.describe(error).replaceAll('\n', ' ')}`;
}

function subjectOf(path: string, method: Method, place: Place, fields: Fields): RuleSubject {
  const id = textAt(fields, 'operationId');
  const name = pythonNameOf(id, path, method);
  return { names: id === '' ? [name] : [id, name], tags: textsAt(place, 'tags'), path, method };
}

function pythonNameOf(operationId: string, path: string, method: Method): string {
  const name = snakeCase(operationId === '' ? `${method.toLowerCase()} ${path}` : operationId);
  // Names that begin with _ are Python's own, and tools.NAME.list() is there already.
  return name.startsWith('_') || name === 'list' ? `call_${name.replace(/^_+/, '')}` : name;
}

interface Found {
  readonly document: ApiDocument;
  readonly config: HttpConfig;
  readonly path: string;
  readonly method: Method;
  readonly place: Place;
  readonly pathItem: Place;
  readonly names: NameSet;
}

function operationOf({ document, config, path, method, place, pathItem, names }: Found): Operation {
  const fields = isFields(place.value) ? place.value : {};
  const baseUrl = baseUrlOf(document, config, [place, pathItem, rootPlace(document)]);
  const parameters = new ParameterNames(snakeCase);
  const inputs = inputsOf(document, config, path, [pathItem, place], parameters);
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const body = hasBody ? bodyOfOperation(document, place, parameters) : undefined;
  const id = textAt(fields, 'operationId');
  const name = names.take(pythonNameOf(id, path, method));
  return {
    info: {
      name,
      originalName: id === '' ? name : id,
      description: descriptionOf(fields) || `${method} ${path}`,
      parameters: requiredFirst([
        ...inputs.map(({ parameter }) => parameter),
        ...(body?.whole ? [body.whole] : (body?.fields ?? []).flatMap(({ parameter }) => parameter ?? [])),
      ]),
      returns: method === 'HEAD' ? 'object' : returnsOf(document, place),
    },
    method,
    baseUrl,
    path,
    inputs,
    body,
    response: 'auto',
  };
}

function descriptionOf(fields: Fields): string {
  const texts = [textAt(fields, 'summary'), textAt(fields, 'description')].map((text) => text.trim());
  const [summary = '', description = ''] = texts;
  const text = description.startsWith(summary)
    ? description
    : texts.filter((part) => part !== '').join('\n\n');
  return own(fields, 'deprecated') === true ? `Deprecated. ${text}`.trim() : text;
}

/** Those of the operation come before those of its path; what the tool always sends is no parameter. */
function inputsOf(
  document: ApiDocument,
  config: HttpConfig,
  path: string,
  owners: readonly Place[],
  names: ParameterNames,
): readonly Input[] {
  const declared = new Map<string, { readonly fields: Fields; readonly found: Place }>();
  for (const owner of owners) {
    for (const [, place] of document.members(document.at(owner, 'parameters'))) {
      const found = document.resolve(place);
      const { value: fields, pointer } = found;
      if (!isFields(fields)) throw document.error(pointer, 'is no parameter');
      declared.set(`${textAt(fields, 'in')} ${textAt(fields, 'name')}`, { fields, found });
    }
  }
  const inputs: Input[] = [];
  for (const { fields, found } of declared.values()) {
    const input = inputOf(document, config, fields, found, names);
    if (input) inputs.push(input);
  }
  for (const [, name = ''] of path.matchAll(/\{([^{}]+)\}/g)) {
    if (inputs.some(({ place, wireName }) => place === 'path' && wireName === name)) continue;
    throw document.error(
      `#/paths/${path.replaceAll('/', '~1')}`,
      `has {${name}}, which no parameter declares`,
    );
  }
  return inputs.filter(({ place, wireName }) => place !== 'path' || path.includes(`{${wireName}}`));
}

function inputOf(
  document: ApiDocument,
  { headers, query }: HttpConfig,
  fields: Fields,
  found: Place,
  names: ParameterNames,
): Input | undefined {
  const wireName = textAt(fields, 'name');
  const place = placeOf(textAt(fields, 'in'));
  if (wireName === '' || !place) throw document.error(found.pointer, 'has no name, or no known place (in)');
  if (place === 'query' && Object.hasOwn(query, wireName)) return undefined;
  if (place === 'header') {
    const lower = wireName.toLowerCase();
    const isSent = Object.keys(headers).some((name) => name.toLowerCase() === lower);
    if (isSent || NOT_PARAMETERS.has(lower) || !isHeaderName(wireName) || isSetByClient(lower))
      return undefined;
  }
  const [media] = document.members(document.at(found, 'content'));
  const schema = document.at(media ? document.resolve(media[1]) : found, 'schema');
  const description = textAt(fields, 'description').trim();
  const said = textAt(fields, 'style');
  const style: Style = media ? 'json' : isStyle(said) ? said : DEFAULT_STYLES[place];
  const explode = own(fields, 'explode');
  const parameter = parameterOf(
    document,
    names.take(wireName, place),
    schema,
    place === 'path' || own(fields, 'required') === true,
    own(fields, 'deprecated') === true ? `Deprecated. ${description}`.trim() : description,
  );
  return {
    wireName,
    style,
    explode: typeof explode === 'boolean' ? explode : style === 'form',
    allowReserved: own(fields, 'allowReserved') === true,
    place,
    parameter,
  };
}

const DEFAULT_STYLES = {
  path: 'simple',
  query: 'form',
  header: 'simple',
  cookie: 'form',
} as const satisfies Record<Input['place'], Style>;

function placeOf(text: string): Input['place'] | undefined {
  return text === 'path' || text === 'query' || text === 'header' || text === 'cookie' ? text : undefined;
}

function isStyle(text: string): text is Style {
  return /^(?:simple|label|matrix|form|spaceDelimited|pipeDelimited|deepObject)$/.test(text);
}

/** What a success gives, where there is one kind of it. */
function returnsOf(document: ApiDocument, operation: Place): ToolValueType {
  const types = document
    .members(document.at(operation, 'responses'))
    .filter(([status]) => /^2/.test(status))
    .map(([, response]) => contentType(document, document.resolve(response)));
  const [first = 'any', ...others] = new Set(types);
  return others.length === 0 ? first : 'any';
}

function contentType(document: ApiDocument, response: Place): ToolValueType {
  const [media, ...others] = document.members(document.at(response, 'content'));
  if (!media || others.length > 0) return 'any';
  const [mediaType, place] = media;
  if (/json/i.test(mediaType)) {
    const schema = document.at(place, 'schema');
    const type = isFields(schema.value) ? valueType(document, schema) : 'any';
    return type === 'bytes' ? 'any' : type;
  }
  if (/^text\//i.test(mediaType)) return 'string';
  return /^(?:image|audio|video)\/|octet-stream|pdf|zip/i.test(mediaType) ? 'bytes' : 'any';
}
