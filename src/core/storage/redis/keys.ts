import { randomUUID } from 'node:crypto';
import { UsageError } from '../../contract/errors.ts';
import { artifactSegments } from '../names.ts';

/** The keys of a store, as py-code-mode names them. */
export class RedisKeys {
  readonly root: string;

  constructor(prefix: string, workspaceId: string | undefined) {
    this.root = workspaceId === undefined ? prefix : `${prefix}:ws:${workspaceId}`;
  }

  get artifacts(): string {
    return `${this.root}:artifacts`;
  }
  get artifactIndex(): string {
    return `${this.artifacts}:__index__`;
  }
  artifact(name: string): string {
    return `${this.artifacts}:${name}`;
  }

  get workflows(): string {
    return `${this.root}:workflows`;
  }
  get workflowHash(): string {
    return `${this.workflows}:__workflows__`;
  }

  /** Where versions of py-code-mode that say skills for workflows keep them. */
  get skills(): string {
    return `${this.root}:skills`;
  }
  get skillHash(): string {
    return `${this.skills}:__skills__`;
  }

  get vectors(): string {
    return `${this.root}:vectors`;
  }

  /** A key that nobody else has, for what is not yet or no longer seen. It is to expire. */
  temporary(): string {
    return `${this.root}:tmp:${randomUUID()}`;
  }
}

/**
 * The key of an artifact.
 * @throws UsageError for what cannot be a name
 */
export function artifactKey(keys: RedisKeys, name: string): string {
  artifactSegments(name);
  const key = keys.artifact(name);
  if (key !== keys.artifactIndex) return key;
  throw new UsageError(
    `"${name}" cannot name an artifact: the store keeps its index there.`,
    'Choose another name.',
  );
}
