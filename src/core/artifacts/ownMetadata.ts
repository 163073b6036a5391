import type { ArtifactInfo } from '../contract/storage.ts';

/** Says what `artifacts.load` makes of the content, such as `npy` or `parquet`; see `artifact_formats.py`. */
const FORMAT_KEY = '_format';
/** What else is needed to make it, such as the type of a column; see `artifact_formats.py`. */
const OPTIONS_KEY = '_format_options';

type Metadata = ArtifactInfo['metadata'];

/** Metadata as people and Python see it: without what the system keeps there for itself. */
export function visibleMetadata(metadata: Metadata): Metadata {
  const { [FORMAT_KEY]: _format, [OPTIONS_KEY]: _options, ...visible } = metadata;
  return visible;
}

/** How Python loads an artifact back; undefined where its data type says all. */
export function formatOf(
  metadata: Metadata,
): { readonly name: string; readonly options: unknown } | undefined {
  const name = metadata[FORMAT_KEY];
  return typeof name === 'string' ? { name, options: metadata[OPTIONS_KEY] ?? {} } : undefined;
}
