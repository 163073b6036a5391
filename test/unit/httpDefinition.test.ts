import assert from 'node:assert/strict';
import { checkHttpConfig } from '../../src/core/tools/adapters/http/check.ts';
import { HttpConfigSchema } from '../../src/core/tools/adapters/http/config.ts';
import { parseToolDefinition } from '../../src/core/tools/definition/index.ts';

function problems(config: Readonly<Record<string, unknown>>): string[] {
  const given = { name: 'api', type: 'http', base_url: 'https://api.example', ...config };
  const whole = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return checkHttpConfig(HttpConfigSchema.parse(whole)).map(
    ({ severity, message, path }) => `${severity} ${path.join('.')}: ${message}`,
  );
}

const endpoints = [{ name: 'a', path: '/a' }];

describe('the file of an HTTP tool', () => {
  it('says what it calls', () => {
    const { definition, problems: found } = parseToolDefinition(`
name: items
type: http
description: Things
base_url: https://api.example/v1
headers:
  Authorization: Bearer \${TOKEN}
endpoints:
  - name: get-item
    path: /items/{id}
    path_params: {id: {type: integer}}
    query:
      lang:
`);
    assert.deepEqual(found, []);
    assert.equal(definition?.type, 'http');
  });

  it('is right as it is', () => {
    assert.deepEqual(problems({ endpoints }), []);
    assert.deepEqual(problems({ endpoints, base_url: `\${PLACE}/v1` }), []);
    assert.deepEqual(
      problems({ endpoints, base_url: `http://127.0.0.1:\${PORT}`, headers: { A: `\${B}` } }),
      [],
    );
    assert.deepEqual(problems({ openapi: { document: 'api.yaml' }, base_url: undefined }), []);
  });

  for (const [what, config, expected] of [
    ['nothing to call', {}, /^error : There is nothing to call/],
    ['no base URL', { endpoints, base_url: undefined }, /^error endpoints: Endpoints need a base_url/],
    ['another scheme', { endpoints, base_url: 'ftp://x' }, /^error base_url: .*http: or https:/],
    ['no URL', { endpoints, base_url: 'api.example' }, /^error base_url/],
    ['a password', { endpoints, base_url: 'https://u:p@x' }, /^error base_url: .*basic_auth/],
    ['a query', { endpoints, base_url: 'https://x/?a=1' }, /^error base_url: .*query/],
    [
      'an open way',
      { endpoints, base_url: 'http://x', headers: { A: `\${B}` } },
      /^warning base_url: .*unencrypted/,
    ],
    ['a bad header', { endpoints, headers: { 'A B': 'x' } }, /^error headers.A B: "A B" cannot be/],
    [
      "the client's header",
      { endpoints, headers: { Host: 'x' } },
      /^error headers.Host: Host is set by the client/,
    ],
    ['a line break', { endpoints, headers: { A: 'x\ny' } }, /^error headers.A: A header has no line breaks/],
    [
      'two logins',
      { endpoints, headers: { authorization: 'x' }, basic_auth: { username: 'u' } },
      /^error basic_auth/,
    ],
    ['a bad proxy', { endpoints, proxy: 'socks5://x' }, /^error proxy/],
    ['a document of ftp', { openapi: { document: 'ftp://x/y' } }, /^error openapi.document/],
    [
      'one name twice',
      { endpoints: [...endpoints, ...endpoints] },
      /^error endpoints.1.name: There is an endpoint a al/,
    ],
    [
      'one name in two ways',
      {
        endpoints: [
          { name: 'a-b', path: '' },
          { name: 'a_b', path: '' },
        ],
      },
      /"a-b" so as well/,
    ],
    ['the name list', { endpoints: [{ name: 'list', path: '' }] }, /^error endpoints.0.name: .*list\(\)/],
    [
      'an undeclared part',
      { endpoints: [{ name: 'a', path: '/{id}' }] },
      /^warning endpoints.0.path: \{id\} is not/,
    ],
    [
      'a part that is not there',
      { endpoints: [{ name: 'a', path: '/', path_params: { id: {} } }] },
      /^error endpoints.0.path_params.id: The path has no \{id\}/,
    ],
    ['a path without /', { endpoints: [{ name: 'a', path: 'x' }] }, /^error endpoints.0.path: A path begins/],
    ['a path with a query', { endpoints: [{ name: 'a', path: '/x?y' }] }, /^error endpoints.0.path: .*query/],
    ['open braces', { endpoints: [{ name: 'a', path: '/{x' }] }, /^error endpoints.0.path: Braces/],
    [
      'a body of GET',
      { endpoints: [{ name: 'a', path: '', body: {} }] },
      /^error endpoints.0.body: GET requests/,
    ],
    [
      'two bodies',
      { endpoints: [{ name: 'a', path: '', method: 'POST', form: {}, whole_body: {} }] },
      /^error endpoints.0.whole_body: A request has one body: form or whole_body/,
    ],
    [
      'bytes in JSON',
      { endpoints: [{ name: 'a', path: '', method: 'POST', body: { x: { type: 'bytes' } } }] },
      /^error endpoints.0.body.x.type: Bytes/,
    ],
  ] as const) {
    it(`is told of ${what}`, () => {
      const found = problems(config);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] ?? '', expected);
    });
  }
});
