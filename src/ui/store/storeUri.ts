import { createHash } from 'node:crypto';
import type * as vscode from 'vscode';
import type { RedisStorageAccess, StoreContent } from '../../core/contract/storage.ts';

/** The scheme of documents whose store is not made of files. */
export const STORE_SCHEME = 'code-mode-store';

/** Whether a document is of a store that is not made of files. */
export function isStoreUri(uri: vscode.Uri): boolean {
  return uri.scheme === STORE_SCHEME;
}

/** Tells the documents of one store from those of another: what was opened from the one is never saved to the other. */
export function authorityOf({ redis_url, artifacts_prefix }: RedisStorageAccess): string {
  return createHash('sha256').update(`${redis_url}\n${artifacts_prefix}`).digest('hex').slice(0, 12);
}

/** What of the store an address names; undefined for its root and for what it does not have. */
export function placeOf(uri: Pick<vscode.Uri, 'path'>): { kind: StoreContent; name: string } | undefined {
  const [, kind, rest = ''] = /^\/(artifacts|workflows)(?:\/(.*))?$/s.exec(uri.path) ?? [];
  if (kind === 'artifacts' || kind === 'workflows') return { kind, name: rest.replace(/\/$/, '') };
  return undefined;
}

/** The name of an artifact by its address. */
export function artifactOf(uri: Pick<vscode.Uri, 'path'>): string | undefined {
  const place = placeOf(uri);
  return place?.kind === 'artifacts' && place.name !== '' ? place.name : undefined;
}
