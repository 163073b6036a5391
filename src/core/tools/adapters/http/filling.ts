import { ToolFailedError } from '../../../contract/errors.ts';
import { isSecretName, MASK, maskCommonSecrets } from '../../masking.ts';
import type { ToolServices } from '../../tool.ts';
import type { HttpConfig } from './config.ts';
import { isHeaderValue } from './headers.ts';
import type { FixedParts } from './target.ts';

/** Shorter values are in too many words to be hidden. */
const MIN_HIDDEN_CHARACTERS = 4;

/** What a tool always sends, with every `${NAME}` filled. Never to be shown. */
export interface FilledConfig {
  readonly fixed: FixedParts;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly proxy: string | undefined;
  /** A text for people without what must not be shown. */
  readonly hide: (text: string) => string;
}

/**
 * @param baseUrl - of the operation that is called
 * @throws CodeModeError `settings` that names what has no value, ToolFailedError for a value that no header can have
 */
export async function fillConfig(
  config: HttpConfig,
  baseUrl: string,
  services: Pick<ToolServices, 'fill' | 'mask'>,
): Promise<FilledConfig> {
  const { fill, mask } = services;
  const hidden = new Set<string>();
  const headers = new Map<string, string>();
  for (const [name, template] of Object.entries(config.headers)) {
    const value = (await fill(template)).trim();
    if (!isHeaderValue(value)) {
      throw new ToolFailedError(
        `The header ${name} has a line break or a sign in it that no header can have.`,
        {
          hint: 'Look at the value of what it is filled from.',
        },
      );
    }
    headers.set(name.toLowerCase(), value);
    if (value !== template || isSecretName(name)) {
      hidden.add(value);
      // `Bearer …`: what follows is the secret.
      hidden.add(value.slice(value.indexOf(' ') + 1));
    }
  }
  const query: [string, string][] = [];
  for (const [name, template] of Object.entries(config.query)) {
    const value = await fill(template);
    query.push([name, value]);
    if (value !== template || isSecretName(name)) hidden.add(value).add(encodeURIComponent(value));
  }
  if (config.basic_auth) {
    const { username, password } = config.basic_auth;
    const pair = `${await fill(username)}:${await fill(password)}`;
    const encoded = Buffer.from(pair).toString('base64');
    headers.set('authorization', `Basic ${encoded}`);
    hidden
      .add(encoded)
      .add(pair)
      .add(pair.slice(pair.indexOf(':') + 1));
  }
  const long = [...hidden]
    .filter(({ length }) => length >= MIN_HIDDEN_CHARACTERS)
    .sort((a, b) => b.length - a.length);
  return {
    fixed: { baseUrl: await fill(baseUrl), query },
    headers,
    proxy: config.proxy === undefined ? undefined : await fill(config.proxy),
    hide: (text) =>
      maskCommonSecrets(mask(long.reduce((rest, secret) => rest.replaceAll(secret, MASK), text))),
  };
}
