import type { DisplayOutput, ExecutionResult, MimeBundle } from '../core/contract/execution.ts';

/** One result as a line of JSON. Bytes in displays are base64, as in a notebook file. */
export function resultToJson(result: ExecutionResult): string {
  return JSON.stringify({ ...result, displays: result.displays.map(displayToJson) });
}

function displayToJson(output: DisplayOutput) {
  return { ...output, data: bundleToJson(output.data) };
}

function bundleToJson(bundle: MimeBundle) {
  return Object.fromEntries(
    Object.entries(bundle).map(([type, value]) => [
      type,
      value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
    ]),
  );
}
