import { homedir } from 'node:os';
import path from 'node:path';
import { parsePackageSpec } from '../../../deps/packageSpec.ts';
import type { InstallPlan } from '../../installing/installPlan.ts';
import { isUrl, wheelFoldersOf } from '../../installing/pipArguments.ts';
import { runProgram } from '../environment/program.ts';
import { type Stamp, sameStamp, stampOf } from '../environment/stamp.ts';
import type { InstallerBackend } from './backend.ts';

const VERSION_TIMEOUT_MS = 5_000;

/** uv, for the environment of an interpreter. @param file absolute path of uv */
export async function uvBackend(file: string, executable: string): Promise<InstallerBackend> {
  return {
    kind: 'uv',
    label: `uv ${await versionOf(file)}`.trimEnd(),
    file,
    installArguments: (plan) => ['pip', 'install', ...general(executable), ...installFlags(plan)],
    uninstallArguments: (names) => ['pip', 'uninstall', ...general(executable), '--', ...names],
  };
}

/**
 * A workspace's `uv.toml` and `[tool.uv]` are for the workspace's own project, whatever they say of indexes; the person's
 * own configuration counts. uv would find the former above the folder that it runs in, and so it is told another project.
 */
function general(executable: string): readonly string[] {
  const flags = ['--color', 'never', '--no-progress', '--no-python-downloads'];
  return ['--python', executable, '--project', homedir(), ...flags];
}

function installFlags(plan: InstallPlan): readonly string[] {
  const { requirements, requirementsFile, upgrade, sources } = plan;
  return [
    // Beside pages, which its environment variables name, they stand there.
    ...(sources.findLinks.some(isUrl) ? [] : wheelFoldersOf(sources)).flatMap((folder) => [
      '--find-links',
      folder,
    ]),
    ...(plan.offline || sources.offline ? ['--offline'] : []),
    ...(plan.buildsFromSource ? [] : ['--only-binary', ':all:']),
    ...(plan.isRepair ? ['--no-deps', '--reinstall'] : []),
    ...(upgrade ? upgradeFlags(requirements, requirementsFile) : []),
    ...(requirementsFile === undefined ? [] : ['--requirements', requirementsFile]),
    '--',
    ...requirements,
  ];
}

/** As pip does: what they need stays as it is where it will do. */
function upgradeFlags(requirements: readonly string[], file: string | undefined): readonly string[] {
  if (file !== undefined) return ['--upgrade'];
  return requirements.flatMap((text) => ['--upgrade-package', parsePackageSpec(text).name]);
}

/** By file: it says the same as long as it is the same. */
const versions = new Map<string, { readonly stamp: Stamp | undefined; readonly version: string }>();

async function versionOf(file: string): Promise<string> {
  const stamp = await stampOf(file);
  const known = versions.get(file);
  if (known && sameStamp(known.stamp, stamp)) return known.version;
  const { stdout } = await runProgram(file, ['--version'], {
    cwd: path.dirname(file),
    timeoutMs: VERSION_TIMEOUT_MS,
  });
  const version = /^uv (\S+)/.exec(stdout)?.[1] ?? '';
  versions.set(file, { stamp, version });
  return version;
}
