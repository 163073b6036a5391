import type { SecretRequest } from '../session/secrets.ts';

/** What is asked for the password of a Redis server. @param url - without a password */
export function redisPasswordRequest(url: string, wasRefused: boolean): SecretRequest {
  return { name: `redis ${url}`, title: `The password of Redis at ${url}`, wasRefused };
}

/** What is asked for the key of an embeddings endpoint. */
export function embeddingsKeyRequest(url: string): SecretRequest {
  return {
    name: `embeddings ${url}`,
    title: `The API key of the embeddings endpoint ${url}`,
    wasRefused: false,
  };
}
