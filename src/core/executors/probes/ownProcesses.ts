import { readlink } from 'node:fs/promises';
import type { Executor } from '../../contract/executor.ts';
import { failed, type ProbeResult, passed } from './outcome.ts';

/** Where Linux names the list of processes that a process sees. */
const LIST = '/proc/self/ns/pid';

/** Whether code sees other processes than this one does: those of its container alone. */
export async function probeOwnProcesses(executor: Executor): Promise<ProbeResult> {
  const code = `import os\n[os.readlink("${LIST}"), sum(name.isdigit() for name in os.listdir("/proc"))]`;
  const [inside, outside] = await Promise.all([
    executor.run(code),
    // On other systems the container is in a machine of its own.
    readlink(LIST).catch(() => undefined),
  ]);
  if (!Array.isArray(inside.value)) return failed(`its processes could not be listed (${inside.status})`);
  const [list, count] = inside.value;
  return list === outside
    ? failed('code in the container sees the processes of this machine')
    : passed(`code in the container sees ${count} processes, all of them its own`);
}
