import { z } from 'zod';
import type { InstalledPackage } from '../../../contract/dependencies.ts';
import type { Json } from '../../../contract/execution.ts';
import { describeDistribution } from '../../../deps/distribution.ts';
import { installedPackages } from '../../../deps/sitePackages.ts';
import type { Installation } from '../../installing/fittingFiles.ts';
import type { ContainerLink } from '../link/containerLink.ts';

const text = z.string().nullable();

const LookedUpSchema = z.object({
  python: z.string(),
  machine: z.string(),
  glibc: text,
  freeThreaded: z.boolean(),
  pip: text,
  folders: z.array(
    z.array(
      z.object({
        place: z.string(),
        modifiedAt: z.number(),
        metadata: z.string(),
        needs: text,
        installer: text,
        directUrl: text,
        hasRecord: z.boolean(),
      }),
    ),
  ),
});

const ChangedSchema = z.union([
  z.object({ problem: z.enum(['unwritable', 'no-pip']) }),
  z.object({ problem: z.null(), code: z.number(), left: z.array(z.string()) }),
]);
/** What became of a change. */
export type Changed = z.infer<typeof ChangedSchema>;

/** What is known of the Python in a container. */
export interface InsidePython {
  /** `3.12.4` */
  readonly version: string;
  /** Its pip's version, which may be empty; null: there is none. */
  readonly pip: string | null;
  readonly installed: readonly InstalledPackage[];
  readonly installation: Omit<Installation, 'buildsFromSource'>;
}

const CPU_NAMES: Readonly<Record<string, string>> = {
  x86_64: 'x64',
  aarch64: 'arm64',
  arm64: 'arm64',
  i686: 'ia32',
  armv7l: 'arm',
};

/** Reads what is installed in a container, and what it is. @throws CodeModeError `python-died` */
export async function lookInside(link: Pick<ContainerLink, 'run'>): Promise<InsidePython> {
  const answer = LookedUpSchema.parse(await link.run(call('look'), null));
  const { python, machine, glibc, freeThreaded, pip, folders } = answer;
  const known = folders.map((folder) => folder.map(describeDistribution).filter((one) => one !== undefined));
  return {
    version: python,
    pip,
    installed: installedPackages(known),
    installation: {
      version: python,
      freeThreaded,
      platform: {
        platform: 'linux',
        arch: CPU_NAMES[machine] ?? machine,
        glibc: glibc ?? undefined,
        release: '',
      },
    },
  };
}

/** Runs pip in a container of its own. @throws CodeModeError `python-died` where the container ends */
export async function changeInside(
  link: Pick<ContainerLink, 'run'>,
  request: Json,
  onPrinted: (bytes: Buffer) => void,
): Promise<Changed> {
  return ChangedSchema.parse(await link.run(call('change'), request, onPrinted));
}

function call(name: 'look' | 'change'): string {
  return `from container_init.packages import ${name}; result = ${name}(request)`;
}
