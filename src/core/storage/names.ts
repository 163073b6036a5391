import { UsageError } from '../contract/errors.ts';

/** What the store itself keeps beside the artifacts: index, lock, unfinished files. Lower case. */
const STORE_FILES = /^\.(?:artifacts\.json|tmp-)/;
/** Windows opens a device for these, whatever extension follows. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?$/i;
const CONTROL = /[\u0000-\u001f\u007f]/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const MAX_SEGMENT_BYTES = 255;
const WORKFLOW_NAME = /^[\p{XID_Start}_][\p{XID_Continue}]*$/u;
const WORKSPACE_ID = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * The folders and the file that an artifact's name stands for: `scans/nmap.json` is `['scans', 'nmap.json']`.
 * @throws UsageError for a name that leaves the folder or that no file can have
 */
export function artifactSegments(name: string, platform: NodeJS.Platform = process.platform): string[] {
  const refuse = (reason: string, hint = 'Use a name such as report.csv or scans/nmap.json.'): never => {
    throw new UsageError(`${JSON.stringify(name)} cannot name an artifact: ${reason}.`, hint);
  };
  if (name === '') refuse('it is empty');
  if (CONTROL.test(name)) refuse('it has a control character');
  if (LONE_SURROGATE.test(name)) refuse('it is not valid Unicode');
  if (name.includes('\\')) refuse('it has a backslash', 'Folders are separated by "/" on every system.');
  if (name.startsWith('/') || /^[A-Za-z]:(?:\/|$)/.test(name)) refuse('it is an absolute path');
  const segments = name.split('/');
  for (const segment of segments) {
    if (segment === '') refuse('a part of it is empty');
    if (/^\.+$/.test(segment)) refuse(`a part of it is "${segment}"`);
    if (DEVICE.test(segment.trimEnd())) refuse(`"${segment}" is a device on Windows`);
    if (STORE_FILES.test(segment.toLowerCase())) refuse('the store keeps its own files under that name');
    if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) refuse('a part of it is longer than 255 bytes');
    if (platform === 'win32' && /[<>:"|?*]|[. ]$/.test(segment)) {
      refuse('Windows has no files of that name', 'Leave out < > : " | ? * and a dot or space at the end.');
    }
  }
  return segments;
}

/** Whether `name` can be a workflow's: a Python identifier that the store does not skip. */
export function isWorkflowName(name: string): boolean {
  return (
    WORKFLOW_NAME.test(name) && !name.startsWith('_') && Buffer.byteLength(name) <= MAX_SEGMENT_BYTES - 3
  );
}

/** @throws UsageError for what cannot be the name of a new workflow */
export function checkWorkflowName(name: string): void {
  if (!isWorkflowName(name)) {
    throw new UsageError(
      `${JSON.stringify(name)} cannot name a workflow.`,
      'Use a Python identifier that does not begin with _, such as fetch_titles.',
    );
  }
  if (DEVICE.test(name)) {
    throw new UsageError(
      `"${name}" cannot name a workflow: it is a device on Windows.`,
      'Choose another name.',
    );
  }
}

/** @throws UsageError for what cannot be a workspace id */
export function checkWorkspaceId(id: string): void {
  if (WORKSPACE_ID.test(id)) return;
  throw new UsageError(
    `${JSON.stringify(id)} cannot be a workspace id.`,
    'Use 1 to 128 of the letters A-Z and a-z, digits, "_" and "-".',
  );
}
