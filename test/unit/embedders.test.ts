import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import { createEmbedder } from '../../src/core/search/createEmbedder.ts';

const MODELS = path.resolve(__dirname, '../../../test/fixtures/embedding-models');
const KEY = 'sk-very-secret';
const never = new AbortController().signal;

describe('an embeddings endpoint', () => {
  let server: Server;
  let url: string;
  let requests: { path: string; authorization: string | undefined; input: string[] }[];
  let answer: (input: string[], response: ServerResponse, attempt: number) => void;

  beforeEach(async () => {
    requests = [];
    answer = (input, response) => {
      // In another order than asked for, as is allowed.
      const data = input.map((text, index) => ({ index, embedding: [text.length, 1] })).reverse();
      response.end(JSON.stringify({ data }));
    };
    server = createServer((request, response) => void respond(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { input, model } = JSON.parse(body) as { input: string[]; model: string };
    assert.equal(model, 'small');
    requests.push({ path: request.url ?? '', authorization: request.headers.authorization, input });
    answer(input, response, requests.length);
  }

  function embedder(at = url) {
    return createEmbedder({ type: 'endpoint', url: at, model: 'small' }, { apiKey: async () => KEY });
  }

  async function failure(signal = never, at = url): Promise<CodeModeError> {
    const error = await embedder(at)
      .embed(['text'], signal)
      .catch((caught: unknown) => caught);
    assert.ok(CodeModeError.is(error), String(error));
    assert.ok(!`${error.message} ${error.hint} ${String(error.cause)}`.includes(KEY));
    return error;
  }

  it('answers in batches, with the key in the header', async () => {
    const texts = Array.from({ length: 150 }, (_, index) => 'x'.repeat(index + 1));
    const vectors = await embedder(`${url}/`).embed(texts, never);
    assert.deepEqual(
      vectors.map(([length]) => length),
      texts.map(({ length }) => length),
    );
    assert.equal(requests.length, 3);
    for (const request of requests) {
      assert.equal(request.path, '/v1/embeddings');
      assert.equal(request.authorization, `Bearer ${KEY}`);
    }
    assert.match(await embedder().id(never), /^small at 127\.0\.0\.1:\d+\/v1\/embeddings$/);
  });

  it('is asked again where it is busy, as soon as it says', async () => {
    for (const status of [429, 503]) {
      requests = [];
      const usual = answer;
      answer = (input, response, attempt) =>
        attempt < 3
          ? response.writeHead(status, { 'retry-after': '0' }).end()
          : usual(input, response, attempt);
      assert.equal((await embedder().embed(['four'], never))[0]?.[0], 4);
      assert.equal(requests.length, 3);
      answer = usual;
    }
  });

  it('is not asked again where that is no use', async () => {
    for (const [status, header] of [
      [500, '0'],
      [401, '0'],
      [429, '3600'],
    ] as const) {
      requests = [];
      answer = (_input, response) => {
        response.writeHead(status, { 'retry-after': header }).end(`wrong key ${KEY}`);
      };
      assert.match((await failure()).message, new RegExp(`answered with ${status}`));
      assert.equal(requests.length, 1);
    }
    requests = [];
    answer = (_input, response) => void response.writeHead(429, { 'retry-after': '0' }).end();
    await failure();
    assert.equal(requests.length, 3);
  });

  it('is not followed to another address', async () => {
    answer = (_input, response) => void response.writeHead(307, { location: `${url}/elsewhere` }).end();
    await failure();
    assert.equal(requests.length, 1);
  });

  it('must answer with one vector for each text', async () => {
    for (const body of ['nonsense', '{}', '{"data":[]}', '{"data":[{"index":0,"embedding":["1"]}]}']) {
      answer = (_input, response) => void response.end(body);
      assert.match((await failure()).message, /did not answer with/);
    }
  });

  it('ends with the signal', async () => {
    const ending = new AbortController();
    answer = () => ending.abort();
    await assert.rejects(embedder().embed(['text'], ending.signal), { name: 'AbortError' });
  });

  it('must be reachable by http or https', async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    assert.match((await failure()).message, /cannot be reached \(ECONNREFUSED\)/);
    for (const wrong of ['file:///etc/passwd', 'ftp://host', 'nonsense', `http://user:${KEY}@host/v1`]) {
      assert.match((await failure(never, wrong)).message, /cannot be used/);
    }
  });
});

describe('a local embedding model', () => {
  // Made and read by the model2vec package: vectors of 16 bits, a limit of tokens without normalising, and
  // vectors shared between tokens.
  for (const name of ['f16', 'plain', 'quantised']) {
    it(`gives the vectors that model2vec gives: ${name}`, async () => {
      const folder = path.join(MODELS, name);
      const expected = JSON.parse(await readFile(path.join(folder, 'expected.json'), 'utf8')) as {
        texts: string[];
        vectors: number[][];
      };
      const vectors = await createEmbedder({ type: 'local', folder }).embed(expected.texts, never);
      for (const [index, vector] of vectors.entries()) {
        const wanted = expected.vectors[index]!;
        assert.equal(vector.length, wanted.length);
        const difference = Math.max(...wanted.map((value, column) => Math.abs(value - vector[column]!)));
        assert.ok(difference < 0.001, `${expected.texts[index]}: ${difference}`);
      }
    });
  }

  it('is another model when its files are others', async () => {
    const ids = await Promise.all(
      ['f16', 'plain', 'f16'].map((name) =>
        createEmbedder({ type: 'local', folder: path.join(MODELS, name) }).id(never),
      ),
    );
    assert.equal(ids[0], ids[2]);
    assert.notEqual(ids[0], ids[1]);
  });

  it('says what is wrong with the folder', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'model-'));
    try {
      const load = () => createEmbedder({ type: 'local', folder }).id(never);
      await assert.rejects(load, /cannot be read: .*ENOENT/);
      for (const file of ['tokenizer.json', 'config.json']) await writeFile(path.join(folder, file), '{}');
      for (const content of ['', 'x'.repeat(20), `${'\x02'}${'\0'.repeat(7)}{}`]) {
        await writeFile(path.join(folder, 'model.safetensors'), content);
        await assert.rejects(load, (error) => CodeModeError.is(error, 'settings'));
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
