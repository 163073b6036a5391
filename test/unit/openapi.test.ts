import assert from 'node:assert/strict';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import type { Json } from '../../src/core/contract/execution.ts';
import { NameSet } from '../../src/core/python-source/identifiers.ts';
import { type HttpConfig, HttpConfigSchema } from '../../src/core/tools/adapters/http/config.ts';
import { ApiDocument } from '../../src/core/tools/adapters/http/openapi/apiDocument.ts';
import { operationsOfDocument } from '../../src/core/tools/adapters/http/openapi/operations.ts';
import type { Operation } from '../../src/core/tools/adapters/http/operation.ts';
import { payloadOf } from '../../src/core/tools/adapters/http/payload.ts';

interface Setting {
  readonly config?: object;
  readonly openapi?: object;
  /** Beside `paths`. */
  readonly root?: { readonly [key: string]: Json };
  readonly url?: string;
}

function read(paths: { readonly [path: string]: Json }, { config, openapi, root, url }: Setting = {}) {
  const whole: HttpConfig = HttpConfigSchema.parse({
    name: 'api',
    type: 'http',
    openapi: { document: 'api.yaml', ...openapi },
    ...config,
  });
  const text = JSON.stringify({
    openapi: '3.1.0',
    servers: [{ url: 'https://api.example/v1' }],
    paths,
    ...root,
  });
  const document = new ApiDocument(text, 'api.yaml', url === undefined ? undefined : new URL(url));
  const problems: string[] = [];
  const operations = operationsOfDocument(document, whole, new NameSet(), problems);
  return { operations, problems, names: operations.map(({ info }) => info.name) };
}

function only(operation: Json, setting?: Setting): Operation {
  const { operations, problems } = read({ '/things': { post: operation } }, setting);
  assert.deepEqual(problems, []);
  assert(operations[0]);
  return operations[0];
}

function parameters({ info }: Operation) {
  return info.parameters.map(({ name, type, required }) => `${name}: ${type}${required ? '' : '?'}`);
}

const jsonBody = (schema: Json, required = true): Json => ({
  requestBody: { required, content: { 'application/json': { schema } } },
});

describe('an OpenAPI document', () => {
  it('gives operations their names', () => {
    const { operations } = read({
      '/pets/{petId}': {
        parameters: [{ name: 'petId', in: 'path', required: true, schema: { type: 'integer' } }],
        get: { operationId: 'getPetById', summary: 'A pet.', description: 'By its number.' },
        delete: { deprecated: true, summary: 'Removes it.' },
      },
      '/pets': {
        get: { operationId: 'pets/list' },
        post: { operationId: 'pets_list' },
        put: { operationId: 'list' },
      },
      'x-more': {},
    });
    assert.deepEqual(
      operations.map(({ info }) => [info.name, info.originalName, info.description]),
      [
        ['get_pet_by_id', 'getPetById', 'A pet.\n\nBy its number.'],
        ['delete_pets_pet_id', 'delete_pets_pet_id', 'Deprecated. Removes it.'],
        ['pets_list', 'pets/list', 'GET /pets'],
        ['pets_list_2', 'pets_list', 'POST /pets'],
        ['call_list', 'list', 'PUT /pets'],
      ],
    );
  });

  it('gives parameters of all places, those of the operation before those of the path', () => {
    const { operations } = read({
      '/pets/{pet-id}': {
        parameters: [
          { name: 'pet-id', in: 'path', required: true, schema: { type: 'string' } },
          { name: 'limit', in: 'query', schema: { type: 'integer' } },
        ],
        get: {
          parameters: [
            {
              name: 'limit',
              in: 'query',
              description: 'How many',
              schema: { type: 'integer', enum: [1, 2], default: 2 },
            },
            { name: 'X-Trace-Id', in: 'header', required: true, schema: { type: 'string' } },
            { name: 'session', in: 'cookie', schema: { type: 'string' } },
            { name: 'filter', in: 'query', style: 'deepObject', schema: { type: 'object' } },
            { name: 'where', in: 'query', content: { 'application/json': { schema: { type: 'object' } } } },
            { name: 'Authorization', in: 'header', schema: { type: 'string' } },
            { name: 'Content-Length', in: 'header', schema: { type: 'integer' } },
          ],
        },
      },
    });
    assert(operations[0]);
    assert.deepEqual(parameters(operations[0]), [
      'pet_id: string',
      'x_trace_id: string',
      'limit: integer?',
      'session: string?',
      'filter: object?',
      'where: object?',
    ]);
    const limit = operations[0].info.parameters[2];
    assert.equal(limit?.description, 'How many');
    assert.deepEqual(limit?.schema, { type: 'integer', default: 2, enum: [1, 2] });
    assert.deepEqual(
      operations[0].inputs.map(({ wireName, place, style, explode }) => [wireName, place, style, explode]),
      [
        ['pet-id', 'path', 'simple', false],
        ['limit', 'query', 'form', true],
        ['X-Trace-Id', 'header', 'simple', false],
        ['session', 'cookie', 'form', true],
        ['filter', 'query', 'deepObject', false],
        ['where', 'query', 'json', false],
      ],
    );
  });

  it('has no parameters of what the tool always sends', () => {
    const { operations } = read(
      {
        '/a': {
          get: {
            parameters: [
              { name: 'appid', in: 'query', required: true, schema: { type: 'string' } },
              { name: 'X-Key', in: 'header', required: true, schema: { type: 'string' } },
            ],
          },
        },
      },
      { config: { query: { appid: 'a' }, headers: { 'x-key': 'b' } } },
    );
    assert.deepEqual(operations[0]?.info.parameters, []);
  });

  it('makes parameters of the properties of a JSON body', () => {
    const operation = only(
      jsonBody({
        allOf: [
          { $ref: '#/components/schemas/Base' },
          { type: 'object', required: ['size'], properties: { size: { type: ['integer', 'null'] } } },
        ],
      }),
      {
        root: {
          components: {
            schemas: {
              Base: {
                type: 'object',
                required: ['id', 'name'],
                properties: {
                  id: { type: 'string', readOnly: true },
                  name: { type: 'string', description: 'What it is called' },
                  tag: { type: 'string', nullable: true },
                },
              },
            },
          },
        },
      },
    );
    assert.deepEqual(parameters(operation), ['name: string', 'size: integer', 'tag: string?']);
    assert.deepEqual(operation.info.parameters.find(({ name }) => name === 'tag')?.schema, {
      type: ['string', 'null'],
    });
    const sent = payloadOf(operation.body, { name: 'x', size: null });
    assert.equal(Buffer.from(sent?.bytes ?? []).toString(), '{"name":"x","size":null}');
  });

  for (const [what, schema, expected] of [
    ['is a list', { type: 'array', items: { type: 'string' } }, 'body: array'],
    [
      'has other keys as well',
      { type: 'object', properties: { a: {} }, additionalProperties: true },
      'body: object',
    ],
    [
      'is one of several',
      { oneOf: [{ type: 'object', properties: { a: {} } }, { type: 'string' }] },
      'body: any',
    ],
    ['has no properties', { type: 'object' }, 'body: object'],
  ] as const) {
    it(`makes one parameter of a body that ${what}`, () => {
      assert.deepEqual(parameters(only(jsonBody(schema))), [expected]);
    });
  }

  it('makes one parameter of a body whose properties have the names of others', () => {
    const operation = only({
      parameters: [{ name: 'id', in: 'query', schema: { type: 'string' } }],
      ...(jsonBody({ type: 'object', properties: { id: { type: 'string' } } }) as object),
    });
    assert.deepEqual(parameters(operation), ['body: object', 'id: string?']);
  });

  it('leaves out a body that is not required and not given', () => {
    const operation = only(
      jsonBody({ type: 'object', required: ['a'], properties: { a: { type: 'string' } } }, false),
    );
    assert.deepEqual(parameters(operation), ['a: string?']);
    assert.equal(payloadOf(operation.body, {}), undefined);
  });

  it('sends forms as the document says', () => {
    const content = {
      'application/x-www-form-urlencoded': {
        schema: {
          type: 'object',
          properties: { meta: { type: 'object' }, ids: { type: 'array' }, raw: { type: 'object' } },
        },
        encoding: { meta: { style: 'deepObject', explode: true } },
      },
    };
    const operation = only({ requestBody: { content } });
    const sent = payloadOf(operation.body, { meta: { a: 1 }, ids: [1, 2], raw: { b: true } });
    assert.equal(
      Buffer.from(sent?.bytes ?? []).toString(),
      'meta%5Ba%5D=1&ids=1&ids=2&raw=%7B%22b%22%3Atrue%7D',
    );
  });

  it('sends files, in the words of 3.0 and of 3.1', () => {
    const properties = {
      old: { type: 'string', format: 'binary' },
      new: { contentMediaType: 'application/octet-stream' },
      several: { type: 'array', items: { type: 'string', format: 'binary' } },
      text: { type: 'string' },
    };
    const schema = { type: 'object', properties };
    const content = { 'multipart/form-data': { schema, encoding: { old: { contentType: 'image/png' } } } };
    const operation = only({ requestBody: { content } });
    assert.deepEqual(parameters(operation), [
      'old: bytes?',
      'new: bytes?',
      'several: array?',
      'text: string?',
    ]);
    const bytes = Buffer.from('x');
    const sent = payloadOf(operation.body, { old: bytes, several: [bytes, bytes], text: 'y' });
    const text = Buffer.from(sent?.bytes ?? []).toString();
    assert.match(text, /name="old"; filename="old"\r\nContent-Type: image\/png/);
    assert.equal(text.match(/name="several"; filename="several"/g)?.length, 2);
    assert.match(text, /name="text"\r\n\r\ny\r\n/);
  });

  it('sends other media types as text or bytes', () => {
    assert.deepEqual(parameters(only({ requestBody: { content: { 'application/xml': {} } } })), [
      'body: string?',
    ]);
    assert.deepEqual(parameters(only({ requestBody: { content: { 'image/png': {} } } })), ['body: bytes?']);
  });

  it('does not hang where references go round in circles', () => {
    const tree = {
      type: 'object',
      properties: {
        name: { type: 'string' },
        children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } },
      },
    };
    const root = {
      components: { schemas: { Tree: tree, Endless: { allOf: [{ $ref: '#/components/schemas/Endless' }] } } },
    };
    const operation = only(jsonBody({ $ref: '#/components/schemas/Tree' }), { root });
    assert.deepEqual(parameters(operation), ['name: string?', 'children: array?']);
    const children = operation.info.parameters[1]?.schema;
    assert.deepEqual(children, {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, children: { type: 'array' } },
      },
    });
    assert.deepEqual(parameters(only(jsonBody({ $ref: '#/components/schemas/Endless' }), { root })), [
      'body: any',
    ]);
    const circle = { A: { $ref: '#/components/schemas/B' }, B: { $ref: '#/components/schemas/A' } };
    const { operations, problems } = read(
      {
        '/a': {
          post: { operationId: 'bad', ...(jsonBody({ $ref: '#/components/schemas/A' }) as object) },
          get: {},
        },
      },
      { root: { components: { schemas: circle } } },
    );
    assert.equal(operations.length, 1);
    assert.match(problems.join(), /bad can't be called\. The OpenAPI document api\.yaml: .* circle/);
  });

  it('says where a reference leads nowhere, and takes the other operations', () => {
    const { names, problems } = read({
      '/a': { get: { operationId: 'a', parameters: [{ $ref: '#/components/parameters/None' }] } },
      '/b/{id}': { get: { operationId: 'b' } },
      '/c': { get: { operationId: 'c', parameters: [{ $ref: 'other.yaml#/x' }] } },
      '/d': { get: { operationId: 'd' } },
    });
    assert.deepEqual(names, ['d']);
    assert.match(
      problems[0] ?? '',
      /#\/paths\/~1a\/get\/parameters\/0 refers to #\/components\/parameters\/None/,
    );
    assert.match(problems[1] ?? '', /#\/paths\/~1b~?1?.*\{id\}, which no parameter declares/);
    assert.match(problems[2] ?? '', /refers to another document, other\.yaml/);
  });

  it('takes null for what may be null', () => {
    const schema = { anyOf: [{ type: 'string' }, { type: 'null' }] };
    const operation = only(jsonBody({ type: 'object', properties: { a: schema } }));
    assert.deepEqual(parameters(operation), ['a: string?']);
    assert.deepEqual(operation.info.parameters[0]?.schema, { type: ['string', 'null'] });
  });

  it('says what a call gives', () => {
    const returns = (responses: Json) => only({ responses }).info.returns;
    assert.equal(
      returns({ 200: { content: { 'application/json': { schema: { type: 'array' } } } } }),
      'array',
    );
    const json = (type: string): Json => ({ content: { 'application/json': { schema: { type } } } });
    assert.equal(returns({ 200: json('object'), 201: json('object') }), 'object');
    assert.equal(returns({ 200: json('object'), 201: json('array') }), 'any');
    assert.equal(returns({ 200: { content: { 'text/plain': {} } }, 404: {} }), 'string');
    assert.equal(returns({ 200: { content: { 'image/png': {} } } }), 'bytes');
    assert.equal(returns({ 200: { content: { 'application/json': {} } }, 204: {} }), 'any');
  });
});

describe('the rules for the operations of a document', () => {
  const operation = (operationId: string, ...tags: string[]): Json => ({ operationId, tags });
  const paths: { [path: string]: Json } = {
    '/pets': { get: operation('listPets', 'pets'), post: operation('addPet', 'pets', 'write') },
    '/pets/all': { delete: operation('removePets', 'pets', 'write') },
    '/stores': { get: operation('listStores', 'stores') },
  };
  for (const [rules, expected] of [
    [{}, ['list_pets', 'add_pet', 'remove_pets', 'list_stores']],
    [{ include: ['listPets', 'list_stores'] }, ['list_pets', 'list_stores']],
    [{ include: ['list*'] }, ['list_pets', 'list_stores']],
    [{ include: [{ tag: 'pets', method: 'get' }] }, ['list_pets']],
    [{ include: [{ tag: ['stores', 'write'] }] }, ['add_pet', 'remove_pets', 'list_stores']],
    [{ include: [{ path: '/pets/*' }, { operation: 'add*' }] }, ['add_pet', 'remove_pets']],
    [{ exclude: [{ method: ['DELETE', 'post'] }] }, ['list_pets', 'list_stores']],
    [{ include: [{ tag: 'pets' }], exclude: ['removePets'] }, ['list_pets', 'add_pet']],
    [{ include: ['list.ets'] }, []],
  ] as const) {
    it(JSON.stringify(rules), () => assert.deepEqual(read(paths, { openapi: rules }).names, expected));
  }

  it('are named where they fit nothing', () => {
    const { problems } = read(paths, { openapi: { include: ['addPet', { tag: 'cats' }] } });
    assert.deepEqual(problems, ['include: no operation of api.yaml fits {"tag":"cats"}.']);
  });
});

describe('the servers of a document', () => {
  const base = (setting: Setting, operation: { [key: string]: Json } = {}) => {
    const { operations, problems } = read({ '/a': { get: operation } }, setting);
    return operations[0]?.baseUrl ?? problems[0];
  };

  it('say where the API is', () => {
    assert.equal(base({}), 'https://api.example/v1');
    assert.equal(base({ config: { base_url: 'http://127.0.0.1:1' } }), 'http://127.0.0.1:1');
    assert.equal(base({}, { servers: [{ url: 'https://other.example' }] }), 'https://other.example/');
    const variables = { where: { default: 'eu' }, port: { default: '8443' } };
    const servers = [{ url: 'https://{where}.api.example:{port}/{x}', variables }];
    assert.equal(base({ root: { servers } }), 'https://eu.api.example:8443/%7Bx%7D');
    const url = 'https://docs.example/v2/openapi.json';
    assert.equal(base({ root: { servers: [{ url: '../api' }] }, url }), 'https://docs.example/api');
    assert.equal(base({ root: { servers: [] }, url }), 'https://docs.example/');
  });

  it('need a base_url where they do not', () => {
    assert.match(base({ root: { servers: [{ url: '/v1' }] } }) ?? '', /does not say where the API is/);
  });

  it('of a document from elsewhere do not get what logs in', () => {
    const config = { headers: { Authorization: `Bearer \${TOKEN}` } };
    const url = 'https://docs.example/openapi.json';
    assert.match(
      base({ config, url }) ?? '',
      /is not sent there only because a document from elsewhere says so/,
    );
    assert.equal(base({ config }), 'https://api.example/v1');
    assert.equal(
      base({ config: { ...config, base_url: 'https://api.example' }, url }),
      'https://api.example',
    );
    assert.equal(base({ config, url: 'https://api.example/openapi.json' }), 'https://api.example/v1');
  });

  it('cannot ask for variables of the environment', () => {
    assert.equal(
      base({ root: { servers: [{ url: `https://a.example/\${HOME}` }] } }),
      'https://a.example/$%7BHOME%7D',
    );
  });
});

describe('what is no OpenAPI 3 document', () => {
  for (const [text, expected] of [
    ['{"swagger": "2.0"}', /#\/swagger is a document of Swagger 2\.0/],
    ['{"openapi": "4.0"}', /#\/openapi does not say 3\.0 or 3\.1/],
    ['[]', /api is no OpenAPI document/],
    ['{"a": ', /api can't be read: /],
    ['a: [1\nb: 2', /api can't be read \(line 2\): /],
    ['openapi: 3.0.1\npaths: 5', /#\/paths is not an object/],
  ] as const) {
    it(JSON.stringify(text), () => {
      assert.throws(
        () => new ApiDocument(text, 'api', undefined),
        (error) => CodeModeError.is(error, 'tool-failed') && expected.test(error.message),
      );
    });
  }

  it('is not what an alias makes large', () => {
    const lines = Array.from(
      { length: 30 },
      (_, index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`,
    );
    const text = `openapi: 3.0.0\na0: &a0 [x, x]\n${lines.join('\n')}`;
    assert.throws(() => new ApiDocument(text, 'api', undefined), CodeModeError);
  });
});
