import { ToolFailedError } from '../../../../contract/errors.ts';
import { hasCredentials } from '../check.ts';
import type { HttpConfig } from '../config.ts';
import { type ApiDocument, isFields, own, type Place, textAt } from './apiDocument.ts';

/**
 * Where the operations below the innermost of `places` with servers are: the first server, its variables at their defaults.
 * The tool's own `base_url` comes before all of them.
 * @param places - from the operation outwards
 * @throws ToolFailedError where the document does not say it, or where what logs in would go to a place that only a document
 * from the network names
 */
export function baseUrlOf(document: ApiDocument, config: HttpConfig, places: readonly Place[]): string {
  if (config.base_url !== undefined) return config.base_url;
  const servers = places
    .map((place) => document.at(place, 'servers', 0))
    .find(({ value }) => isFields(value));
  const { value, pointer } = servers ?? { value: { url: '/' }, pointer: '#/servers' };
  const template = isFields(value) ? textAt(value, 'url') : '';
  const text = template.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
    const variable = document.at({ value, pointer }, 'variables', name, 'default').value;
    return typeof variable === 'string' || typeof variable === 'number' ? String(variable) : whole;
  });
  const url = URL.canParse(text, document.url?.href) ? new URL(text, document.url?.href) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw document.error(pointer, 'does not say where the API is', 'Give base_url in the file of the tool.');
  }
  if (document.url && document.url.origin !== url.origin && hasCredentials(config)) {
    throw new ToolFailedError(
      `The OpenAPI document ${document.name} says that the API is at ${url.origin}. What headers, query and basic_auth ` +
        'hold is not sent there only because a document from elsewhere says so.',
      {
        hint: `Where it is right, write it into the file of the tool: base_url: ${url.origin}${url.pathname}`,
      },
    );
  }
  // Braces that stay would be filled as the tool's own variables.
  return url.href.split(/[?#]/)[0]?.replaceAll('${', '%24{') ?? '';
}

/** The servers of a document as a whole are its own. */
export function rootPlace(document: ApiDocument): Place {
  return { value: document.root, pointer: '#' };
}

/** The values of a list of texts, such as tags. */
export function textsAt(place: Place, key: string): readonly string[] {
  const value = isFields(place.value) ? own(place.value, key) : undefined;
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
