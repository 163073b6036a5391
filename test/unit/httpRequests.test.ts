import assert from 'node:assert/strict';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import { proxyFor } from '../../src/core/http/proxies.ts';
import { redirected } from '../../src/core/http/redirects.ts';
import { waitAfterError, waitAfterStatus } from '../../src/core/http/retries.ts';
import { NameSet } from '../../src/core/python-source/identifiers.ts';
import { type HttpConfig, HttpConfigSchema } from '../../src/core/tools/adapters/http/config.ts';
import { operationsOfEndpoints } from '../../src/core/tools/adapters/http/endpoints.ts';
import { headersOf } from '../../src/core/tools/adapters/http/headers.ts';
import { snakeCase } from '../../src/core/tools/adapters/http/names.ts';
import type { Input, Operation, Style } from '../../src/core/tools/adapters/http/operation.ts';
import { payloadOf } from '../../src/core/tools/adapters/http/payload.ts';
import { encodedPairs, headerText, pathText } from '../../src/core/tools/adapters/http/styles.ts';
import { type Arguments, targetOf } from '../../src/core/tools/adapters/http/target.ts';
import { TOOL_CALLER } from '../../src/core/tools/adapters/http/toolCaller.ts';
import type { ToolArgument } from '../../src/core/tools/tool.ts';

const BASE = 'https://api.example/v1/';

function operation(endpoint: object): Operation {
  const config: HttpConfig = HttpConfigSchema.parse({
    name: 'api',
    type: 'http',
    base_url: BASE,
    endpoints: [{ name: 'call', ...endpoint }],
  });
  const [first] = operationsOfEndpoints(config, new NameSet());
  assert(first);
  return first;
}

function address(endpoint: object, given: Arguments, query: readonly [string, string][] = []): string {
  return targetOf(operation(endpoint), given, { baseUrl: BASE, query });
}

function writing(style: Style, explode: boolean, wireName = 'a') {
  return { wireName, style, explode, allowReserved: false };
}

const refused = (error: unknown) => CodeModeError.is(error, 'tool-arguments');

describe('names of HTTP callables and parameters', () => {
  for (const [name, expected] of [
    ['X-Request-Id', 'x_request_id'],
    ['findPetsByStatus', 'find_pets_by_status'],
    ['getHTTPResponse', 'get_http_response'],
    ['personIDs', 'person_ids'],
    ['repos/list-for-org', 'repos_list_for_org'],
    ['filter[name]', 'filter_name'],
    ['$top', 'top'],
    ['class', 'class_'],
    ['2fa', '_2fa'],
    ['größe', 'größe'],
    ['+', 'value'],
  ] as const) {
    it(`${name} is ${expected}`, () => assert.equal(snakeCase(name), expected));
  }

  it('are each given once, and each means one parameter', () => {
    const { info } = operation({
      path: '/{id}',
      query: { id: null, 'x-id': null, userId: null },
      headers: { x_id: null },
    });
    const names = info.parameters.map(({ name, originalName }) => [name, originalName]);
    assert.deepEqual(names, [
      ['id', 'id'],
      ['query_id', 'query_id'],
      ['x_id', 'x-id'],
      ['userId', 'userId'],
      ['header_x_id', 'header_x_id'],
    ]);
  });
});

describe('the address of an HTTP call', () => {
  it('has the path appended to the base URL, and what is always sent before what is given', () => {
    const endpoint = { path: '/items/{id}', query: { q: null, n: { type: 'integer', default: 5 } } };
    assert.equal(
      address(endpoint, { id: 3, q: 'a b&c=ü' }, [['key', `k/\${KEY}`]]),
      `https://api.example/v1/items/3?key=k%2F\${KEY}&q=a%20b%26c%3D%C3%BC&n=5`,
    );
  });

  it('writes lists as the endpoint says', () => {
    const lists = ['repeat', 'comma', 'space', 'pipe'];
    const query = Object.fromEntries(lists.map((list) => [list, { type: 'array', list }]));
    const given = Object.fromEntries(lists.map((list) => [list, ['x,y', 'z']]));
    assert.equal(
      address({ path: '', query }, given),
      'https://api.example/v1?repeat=x%2Cy&repeat=z&comma=x%2Cy,z&space=x%2Cy%20z&pipe=x%2Cy%7Cz',
    );
  });

  it('keeps what is given within its part of the path', () => {
    const endpoint = { path: '/items/{id}/file' };
    assert.equal(address(endpoint, { id: '../a?b#c\\d' }), `${BASE}items/..%2Fa%3Fb%23c%5Cd/file`);
    assert.equal(address(endpoint, { id: '%2e%2e' }), `${BASE}items/%252e%252e/file`);
    assert.equal(new URL(address(endpoint, { id: '\n\t ' })).pathname, '/v1/items/%0A%09%20/file');
  });

  for (const id of ['.', '..', '', '\ud800']) {
    it(`refuses ${JSON.stringify(id)} in a path`, () => {
      assert.throws(() => address({ path: '/items/{id}' }, { id }), refused);
    });
  }

  it('refuses values that come together as a step upwards, and bytes', () => {
    assert.throws(() => address({ path: '/a/{x}{y}/b' }, { x: '.', y: 'b' }), refused);
    assert.throws(() => address({ path: '/a/.{x}' }, { x: '.' }), refused);
    assert.throws(() => address({ path: '', query: { q: null } }, { q: new Uint8Array(1) }), refused);
  });
});

describe('styles of OpenAPI', () => {
  const list: ToolArgument = ['blue', 'a b'];
  const object: ToolArgument = { R: 100, G: 'x&y', n: null };
  for (const [style, explode, value, expected] of [
    ['form', true, 'x y', 'a=x%20y'],
    ['form', true, list, 'a=blue&a=a%20b'],
    ['form', false, list, 'a=blue,a%20b'],
    ['form', true, object, 'R=100&G=x%26y'],
    ['form', false, object, 'a=R,100,G,x%26y'],
    ['spaceDelimited', false, list, 'a=blue%20a%20b'],
    ['pipeDelimited', false, list, 'a=blue%7Ca%20b'],
    ['deepObject', true, object, 'a%5BR%5D=100&a%5BG%5D=x%26y'],
    ['deepObject', true, { x: { y: [1, 2] } }, 'a%5Bx%5D%5By%5D%5B0%5D=1&a%5Bx%5D%5By%5D%5B1%5D=2'],
    ['json', false, object, 'a=%7B%22R%22%3A100%2C%22G%22%3A%22x%26y%22%2C%22n%22%3Anull%7D'],
  ] as const) {
    it(`${style}${explode ? ', exploded' : ''}: ${expected}`, () => {
      const pairs = encodedPairs(writing(style, explode), value);
      assert.equal(pairs.map((pair) => pair.join('=')).join('&'), expected);
    });
  }

  for (const [style, explode, value, expected] of [
    ['simple', false, list, 'blue,a%20b'],
    ['simple', false, object, 'R,100,G,x%26y'],
    ['simple', true, object, 'R=100,G=x%26y'],
    ['label', false, list, '.blue,a%20b'],
    ['label', true, list, '.blue.a%20b'],
    ['label', true, object, '.R=100.G=x%26y'],
    ['matrix', false, 5, ';a=5'],
    ['matrix', true, list, ';a=blue;a=a%20b'],
  ] as const) {
    it(`${style}${explode ? ', exploded' : ''}, in a path: ${expected}`, () => {
      assert.equal(pathText(writing(style, explode), value), expected);
    });
  }

  it('simple, in a header, is not encoded', () => {
    assert.equal(headerText(writing('simple', false), list), 'blue,a b');
    assert.equal(headerText(writing('simple', true), { R: 1 }), 'R=1');
  });

  it('leaves reserved signs where it is allowed, but for those that end a value', () => {
    const reserved = { ...writing('form', true), allowReserved: true };
    assert.deepEqual(encodedPairs(reserved, 'a/b?c:d&e#f+g'), [['a', 'a/b?c:d%26e%23f%2Bg']]);
  });
});

describe('headers of an HTTP call', () => {
  const cookie: Input = {
    ...writing('form', true, 'session'),
    place: 'cookie',
    parameter: {
      name: 'session',
      originalName: 'session',
      type: 'string',
      description: '',
      required: false,
      schema: {},
    },
  };

  it('have what is given, and over it what is always sent', () => {
    const { inputs } = operation({ path: '', headers: { 'X-Id': null, Accept: null } });
    const given = { 'X-Id': 'é', Accept: 'text/csv', session: 'a;b' };
    const headers = headersOf(
      { inputs: [...inputs, cookie], response: 'auto' },
      given,
      new Map([['cookie', 'c=1']]),
      '9',
    );
    assert.equal(headers.get('x-id'), 'é');
    assert.equal(headers.get('accept'), 'text/csv');
    assert.equal(headers.get('cookie'), 'c=1; session=a%3Bb');
    assert.equal(headers.get('user-agent'), 'python-code-mode/9');
  });

  for (const value of ['a\r\nX-Evil: 1', 'a\nb', 'a\0', '→']) {
    it(`refuse ${JSON.stringify(value)}`, () => {
      const { inputs } = operation({ path: '', headers: { 'X-Id': null } });
      assert.throws(
        () => headersOf({ inputs, response: 'auto' }, { 'X-Id': value }, new Map(), '9'),
        refused,
      );
    });
  }
});

describe('bodies of HTTP calls', () => {
  const text = (endpoint: object, given: Arguments) => {
    const payload = payloadOf(operation({ path: '', method: 'POST', ...endpoint }).body, given);
    return payload && { type: payload.contentType, text: Buffer.from(payload.bytes).toString() };
  };

  it('are JSON objects of what is given', () => {
    const body = { title: null, 'is-done': { type: 'boolean', default: false }, note: null };
    assert.deepEqual(text({ body }, { title: 'ü' }), {
      type: 'application/json',
      text: '{"title":"ü","is-done":false}',
    });
    assert.throws(() => text({ body }, { title: new Uint8Array(2) }), refused);
  });

  it('are forms', () => {
    assert.deepEqual(text({ form: { a: null, b: { type: 'array' } } }, { a: 'x y&z', b: [1, 'ü'] }), {
      type: 'application/x-www-form-urlencoded',
      text: 'a=x%20y%26z&b=1&b=%C3%BC',
    });
  });

  it('are forms with files, whose names can not leave their line', () => {
    const sent = text(
      { multipart: { 'a"\r\n': { type: 'bytes' }, t: null } },
      { 'a"\r\n': Buffer.from('hi'), t: 'x' },
    );
    const boundary = /boundary=(\S+)$/.exec(sent?.type ?? '')?.[1];
    assert.equal(
      sent?.text,
      `--${boundary}\r\nContent-Disposition: form-data; name="a%22%0D%0A"; filename="a%22%0D%0A"\r\n` +
        `Content-Type: application/octet-stream\r\n\r\nhi\r\n--${boundary}\r\n` +
        `Content-Disposition: form-data; name="t"\r\n\r\nx\r\n--${boundary}--\r\n`,
    );
  });

  it('are one argument as it is', () => {
    assert.deepEqual(text({ whole_body: {} }, { body: [1, { a: null }] }), {
      type: 'application/json',
      text: '[1,{"a":null}]',
    });
    assert.deepEqual(text({ whole_body: { type: 'text', content_type: 'text/csv' } }, { body: 'a,b' }), {
      type: 'text/csv',
      text: 'a,b',
    });
    assert.equal(text({ whole_body: { required: false } }, {}), undefined);
  });
});

describe('redirects', () => {
  const request = {
    method: 'POST',
    url: new URL('https://api.example/a'),
    headers: new Map([
      ['authorization', 'Bearer x'],
      ['x-anything', 'y'],
      ['accept', '*/*'],
      ['content-type', 'text/plain'],
    ]),
    body: Buffer.from('b'),
  };

  it('keep method and body with 307 and 308, and become GET with 303, and POST with 301 and 302', () => {
    for (const status of [307, 308]) {
      const next = redirected(request, status, '/b?x=1', TOOL_CALLER);
      assert.deepEqual(
        [next.method, next.url.href, next.body],
        ['POST', 'https://api.example/b?x=1', request.body],
      );
      assert.equal(next.headers.get('authorization'), 'Bearer x');
    }
    for (const status of [301, 302, 303]) {
      const next = redirected(request, status, 'b', TOOL_CALLER);
      assert.deepEqual([next.method, next.body, next.headers.has('content-type')], ['GET', undefined, false]);
    }
    assert.equal(redirected({ ...request, method: 'PUT' }, 301, 'b', TOOL_CALLER).method, 'PUT');
    assert.equal(redirected({ ...request, method: 'HEAD' }, 303, 'b', TOOL_CALLER).method, 'HEAD');
  });

  for (const place of [
    'https://other.example/',
    'https://api.example:444/',
    'https://user:pw@evil.example/',
  ]) {
    it(`to ${place} take harmless headers alone`, () => {
      const next = redirected(request, 307, place, TOOL_CALLER);
      assert.deepEqual([...next.headers.keys()], ['accept', 'content-type']);
      assert.equal(next.url.username, '');
    });
  }

  for (const place of ['http://api.example/', 'file:///etc/passwd', 'javascript:1', 'http://[']) {
    it(`to ${place} are refused`, () => {
      assert.throws(
        () => redirected(request, 307, place, TOOL_CALLER),
        (error) => CodeModeError.is(error, 'tool-failed'),
      );
    });
  }
});

describe('retries', () => {
  it('are made of what may be done twice', () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
      assert(waitAfterStatus(method, 503, 1, undefined) !== undefined);
      assert(waitAfterError(method, 'ECONNRESET', 1) !== undefined);
    }
    for (const method of ['POST', 'PATCH']) {
      assert.equal(waitAfterStatus(method, 503, 1, '0'), undefined);
      assert.equal(waitAfterError(method, 'ECONNRESET', 1), undefined);
      assert(waitAfterError(method, 'ECONNREFUSED', 1) !== undefined);
    }
  });

  it('are few, and not of what stays as it is', () => {
    assert.equal(waitAfterStatus('GET', 503, 3, undefined), undefined);
    assert.equal(waitAfterError('GET', 'ECONNREFUSED', 3), undefined);
    for (const status of [400, 404, 500, 501])
      assert.equal(waitAfterStatus('GET', status, 1, undefined), undefined);
    for (const code of ['ENOTFOUND', 'CERT_HAS_EXPIRED', ''])
      assert.equal(waitAfterError('GET', code, 1), undefined);
  });

  it('wait as long as the server says, if that is not long', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    assert.equal(waitAfterStatus('GET', 429, 1, '2', now), 2000);
    assert.equal(waitAfterStatus('GET', 429, 1, 'Thu, 01 Jan 2026 00:00:03 GMT', now), 3000);
    assert.equal(waitAfterStatus('GET', 429, 1, 'Wed, 31 Dec 2025 00:00:03 GMT', now), 0);
    assert.equal(waitAfterStatus('GET', 429, 1, '3600', now), undefined);
  });
});

describe('the proxy of an HTTP call', () => {
  const environment = {
    HTTP_PROXY: 'http://p:1',
    https_proxy: 's.example:2',
    NO_PROXY: 'direct.example, .dot.example,*.star.example,10.0.0.1,host.example:8080,[fd00::1]',
  };
  const none = { ofTool: undefined, ofSettings: undefined, environment };
  for (const [url, expected] of [
    ['http://api.example/', 'http://p:1'],
    ['https://api.example/', 'http://s.example:2'],
    ['https://direct.example/', undefined],
    ['https://a.direct.example/', undefined],
    ['https://indirect.example/', 'http://s.example:2'],
    ['https://a.dot.example/', undefined],
    ['https://a.star.example/', undefined],
    ['http://10.0.0.1/', undefined],
    ['http://host.example:8080/', undefined],
    ['http://host.example/', 'http://p:1'],
    ['http://[fd00::1]/', undefined],
    ['http://localhost:3/', undefined],
    ['http://a.localhost/', undefined],
    ['http://127.1.2.3/', undefined],
    ['http://[::1]/', undefined],
    ['http://2130706433/', undefined],
  ] as const) {
    it(`of the environment, for ${url}: ${expected ?? 'none'}`, () => {
      assert.equal(proxyFor(new URL(url), none), expected);
    });
  }

  it('is by the setting before the environment, and by the file before all', () => {
    const set = { ...none, ofSettings: 'http://set:3' };
    assert.equal(proxyFor(new URL('https://api.example/'), set), 'http://set:3');
    assert.equal(proxyFor(new URL('https://direct.example/'), set), undefined);
    assert.equal(proxyFor(new URL('http://127.0.0.1/'), set), undefined);
    assert.equal(proxyFor(new URL('http://127.0.0.1/'), { ...set, ofTool: 'http://t:4' }), 'http://t:4');
    assert.equal(proxyFor(new URL('https://api.example/'), { ...set, ofTool: 'none' }), undefined);
  });

  it('is HTTP_PROXY for https where there is no other', () => {
    const choice = { ...none, environment: { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: '' } };
    assert.equal(proxyFor(new URL('https://api.example/'), choice), 'http://p:1');
  });
});
