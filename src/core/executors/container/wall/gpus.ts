import type { Engine } from '../engine/engine.ts';
import { commaSeparated } from './commaSeparated.ts';

/** What `run` is told of graphics processors. @param gpus `all`, or ids with commas; empty: none */
export function gpuArguments(kind: Engine['kind'], gpus: string): readonly string[] {
  const ids = gpus.split(',').flatMap((id) => id.trim() || []);
  if (ids.length === 0) return [];
  // Podman has no flag for them that all its versions know: they are devices that the NVIDIA toolkit describes.
  if (kind === 'podman') return ids.map((id) => `--device=nvidia.com/gpu=${id}`);
  return [`--gpus=${ids.includes('all') ? 'all' : commaSeparated([`device=${ids.join(',')}`])}`];
}
