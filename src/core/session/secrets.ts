/** A secret that the core needs from whoever keeps it. Plain data. */
export interface SecretRequest {
  /** Names it where it is kept: `redis redis://ada@db.example:6379/0`. */
  readonly name: string;
  /** What it is, for the person who is asked: `The password of Redis at redis://db.example:6379/0`. */
  readonly title: string;
  /** Whether the one that was given before was refused, or there was none and one is needed: a person is asked only then. */
  readonly wasRefused: boolean;
}

/** Gives a secret; undefined where there is none, or the person gives none. */
export type SecretSource = (request: SecretRequest) => Promise<string | undefined>;
