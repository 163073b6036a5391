import { CodeModeError, SettingsError } from '../../../contract/errors.ts';
import type { ContainerSettings } from '../settings.ts';
import type { Engine } from './engine.ts';
import { installCommand } from './installCommand.ts';

/** Whose complaint it is. */
export interface Complainer {
  readonly kind: Engine['kind'];
  readonly settings: ContainerSettings;
}

/** A kind of complaint, and what a person is told of it. */
interface Rule {
  /** By what engines and the runtimes below them write; groups are handed on. */
  readonly pattern: RegExp;
  readonly explain: (groups: readonly string[], complainer: Complainer) => CodeModeError;
}

/** Podman met an image, whichever, that another process was just removing: the next try does not. */
export class ImagesDisturbedError extends CodeModeError {
  constructor() {
    super('start-failed', 'An image was removed while Podman looked for one.', { hint: 'Try it again.' });
  }
}

/** An image that most people can take where theirs does not do. */
const USUAL_IMAGE = 'docker.io/library/python:3.13-slim';

/** The first that fits counts: what is more particular stands above. */
const RULES: readonly Rule[] = [
  {
    pattern: /permission denied while trying to connect|dial unix (\S+?): connect: permission denied/i,
    explain: (_, { kind }) =>
      failed(
        `${nameOf(kind)} is there, but you may not use it.`,
        kind === 'docker'
          ? 'Let your user use it: sudo usermod -aG docker "$USER", then log out and in again. Or install Podman, which needs no such right.'
          : 'Start it for your user: systemctl --user start podman.socket, or choose another engine in codeMode.container.engine.',
      ),
  },
  {
    pattern:
      /context "([^"]*)": context not found|context "([^"]*)" does not exist|"([^"]*)" service destination not found|connection "([^"]*)" not found/i,
    explain: (groups, { kind }) =>
      new SettingsError(
        `${nameOf(kind)} has no ${kind === 'docker' ? 'context' : 'connection'} "${groups.find(Boolean) ?? ''}".`,
        `See which there are: ${kind} ${kind === 'docker' ? 'context ls' : 'system connection list'}, and set codeMode.container.context to one of them.`,
      ),
  },
  {
    pattern:
      /Cannot connect to (?:the Docker daemon|Podman)(?: at ([^\s]+?)\.? |)|unable to connect to Podman|error during connect|failed to connect to the docker API(?: at (\S+?)[;,]|)|docker daemon is not running|Is the docker daemon running/i,
    explain: ([address = ''], complainer) => notRunning(address, complainer),
  },
  {
    pattern: /no space left on device|disk quota exceeded|not enough space/i,
    explain: (_, { kind }) =>
      failed(
        `The disk that ${nameOf(kind)} keeps its images on is full.`,
        `See what is on it: ${kind} system df. What nothing uses any more is removed by: ${kind} image prune`,
      ),
  },
  {
    pattern: /error setting rlimit/i,
    explain: (_, { kind }) =>
      failed(
        `${nameOf(kind)} may not raise the limits of open files and processes as far as it is set up to.`,
        'Have it keep lower ones: set codeMode.container.runArguments to ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"].',
      ),
  },
  {
    pattern:
      /netavark: No such file|could not find "?(netavark|slirp4netns|pasta)|"?(slirp4netns|pasta)"?: executable file not found/i,
    explain: (groups) => {
      // Netavark itself is there, and wants iptables.
      const program = groups.find(Boolean) ?? 'iptables';
      return failed(
        `Podman cannot give a container a network: the program ${program} is not installed.`,
        `Install it: ${installCommand(program === 'pasta' ? 'passt' : program)}. Or set codeMode.container.network to "off".`,
      );
    },
  },
  {
    pattern: /newuidmap|insufficient UIDs or GIDs|no subuid ranges|cannot find UID\/GID for user/i,
    explain: () =>
      failed(
        'Podman has no range of user ids that it may give to containers.',
        'Give your user one: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$USER", then: podman system migrate (the programs newuidmap and newgidmap have to be there: package uidmap).',
      ),
  },
  {
    pattern:
      /default OCI runtime "([^"]*)" not found|unknown or invalid runtime name: (\S+)|invalid runtime name "?([^\s"]+)/i,
    explain: (groups, { kind }) => unknownRuntime(groups.find(Boolean) ?? '', kind),
  },
  {
    pattern: /unknown flag: --runtime\b/i,
    explain: () =>
      new SettingsError(
        'This Podman starts its containers on another machine, so that it takes no runtime from here.',
        'Leave codeMode.container.runtime empty; the runtime is set in the containers.conf of the machine that runs the containers.',
      ),
  },
  {
    pattern:
      /unknown (?:shorthand )?flag: (\S+)|flag provided but not defined: (\S+)|unknown shorthand flag: '(\w)'/i,
    explain: (groups, { kind }) =>
      new SettingsError(
        `${nameOf(kind)} does not know the argument ${groups.find(Boolean) ?? ''}.`,
        `Take it out of codeMode.container.runArguments if it is there (${kind} run --help lists what there is); otherwise update ${nameOf(kind)}.`,
      ),
  },
  {
    pattern:
      /exec: "([^"]*)": (?:executable file not found|stat |permission denied|no such file)|executable file [`']([^`']*)[`'] not found|exec: "([^"]*)": is a directory/i,
    explain: (groups, { settings }) => noPython(groups.find(Boolean) ?? settings.python, settings),
  },
  {
    pattern:
      /exec format error|no (?:matching manifest|image found in .* for|match for platform)|does not match the (?:specified|detected host) platform/i,
    explain: (_, { settings }) =>
      failed(
        `The image ${settings.image} is made for another kind of processor than this machine has.`,
        'Choose an image that is made for this machine too, in codeMode.container.image.',
      ),
  },
  {
    pattern: /unable to find user ([^\s:]+)|no matching entries in (?:passwd|group) file/i,
    explain: ([user], { settings }) =>
      new SettingsError(
        `The image has no user or group ${user ?? settings.user}.`,
        'Set codeMode.container.user to numbers, such as 1000:1000, which every image takes, or leave it empty.',
      ),
  },
  {
    pattern: /could not select device driver|unresolvable CDI devices|unknown or invalid CDI device/i,
    explain: (_, { kind }) =>
      failed(
        `${nameOf(kind)} cannot hand over GPUs on this machine.`,
        kind === 'docker'
          ? "Install NVIDIA's container toolkit and run: sudo nvidia-ctk runtime configure --runtime=docker, then restart Docker. Or leave codeMode.container.gpus empty."
          : "Install NVIDIA's container toolkit and run: sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml. Or leave codeMode.container.gpus empty.",
      ),
  },
  {
    pattern:
      /statfs ([^:]+): no such file or directory|bind source path does not exist: (\S+)|path (\S+) is not shared from the host|mounts denied/i,
    explain: (groups, { kind }) =>
      new SettingsError(
        `${nameOf(kind)} cannot mount ${groups.find(Boolean) ?? 'a folder'}: it is not there.`,
        'Correct codeMode.container.mounts. Where the containers run on a virtual or another machine, the folder has to be shared with it.',
      ),
  },
  {
    pattern: /Range of CPUs is from ([\d.]+) to ([\d.]+)/i,
    explain: ([least, most]) =>
      new SettingsError(
        'This machine has fewer processors than the container is to have.',
        `Set codeMode.container.cpus to a number from ${least} to ${most}.`,
      ),
  },
  {
    pattern:
      /unable to set memory limit|Minimum memory (?:limit|reservation)|memory limit (?:should be|too low)/i,
    explain: (_, { settings }) =>
      new SettingsError(
        `No container starts with ${settings.memoryLimit} MiB of memory.`,
        'Raise codeMode.container.memoryLimit: Python and a library or two want 256 or more.',
      ),
  },
  {
    pattern:
      /cgroups? (?:v1|v2|in hybrid mode).*not supported|cannot set any cgroup limits|cgroup.*(?:not mounted|not writable)/i,
    explain: (_, { kind }) =>
      failed(
        `${nameOf(kind)} cannot limit containers with the control groups of this machine.`,
        'Choose the runtime "runc" in codeMode.container.runtime, or boot with version 2 of control groups (systemd.unified_cgroup_hierarchy=1).',
      ),
  },
  {
    pattern: /toomanyrequests|pull rate limit/i,
    explain: (_, { kind }) =>
      failed(
        'The registry gives out no more images for now: its limit is reached.',
        `Log in, which raises it: ${kind} login, or try again later.`,
      ),
  },
  {
    pattern: /short-name "?([^\s"]+)"? did not resolve/i,
    explain: ([name]) =>
      new SettingsError(
        `Podman does not know which registry ${name} is from.`,
        `Name the registry in codeMode.container.image, such as docker.io/library/${name}.`,
      ),
  },
  {
    pattern:
      /manifest unknown|manifest for (\S+) not found|repository does not exist|name unknown|requested access to the resource is denied|unauthorized|authentication required|access forbidden/i,
    explain: (_, complainer) => refusedImage(complainer),
  },
  {
    pattern: /no such container|no container with (?:name|ID)/i,
    explain: () =>
      new CodeModeError('not-found', 'There is no such container any more.', {
        hint: 'Start a new session.',
      }),
  },
  {
    pattern: /no such volume|volume with name \S+ not found/i,
    explain: () =>
      new CodeModeError('not-found', 'There is no such volume any more.', { hint: 'Start a new session.' }),
  },
  {
    pattern:
      /pinging container registry (\S+):|no such host|dial tcp|TLS handshake|x509:|i\/o timeout|(?:net\/http|context).*(?:timeout|deadline exceeded)|failed to resolve reference/i,
    explain: (_, complainer) => unreachableRegistry(complainer),
  },
  {
    pattern: /locating (?:image|item named "[^"]*" for image) with ID/i,
    explain: () => new ImagesDisturbedError(),
  },
  {
    pattern: /image not known|No such image|Unable to find image|not found in local storage/i,
    explain: (_, { kind, settings }) =>
      new CodeModeError('not-found', `There is no image ${settings.image} on this machine.`, {
        hint: `Fetch it: ${kind} pull ${settings.image}, or set codeMode.container.pull to "missing".`,
      }),
  },
  {
    pattern: /unable to upgrade to tcp, received 409/i,
    explain: () =>
      failed(
        'The container could not be started, and Docker was not told why.',
        'It speaks to Podman here: set codeMode.container.engine to "podman", which says more.',
      ),
  },
];

/** What a complaint of an engine comes to, with what to do; undefined: nothing is known of it. */
export function explainProblem(complaint: string, complainer: Complainer): CodeModeError | undefined {
  for (const { pattern, explain } of RULES) {
    const match = pattern.exec(complaint);
    if (!match) continue;
    const error = explain(match.slice(1), complainer);
    error.cause ??= complaint;
    return error;
  }
  return undefined;
}

/** A command that failed for a reason of which nothing is known: in the engine's own words. */
export function unexplained(
  { label }: Pick<Engine, 'label'>,
  args: readonly string[],
  complaint: string,
  end: string,
): CodeModeError {
  const telling = (line: string) => line.trim() !== '' && !/^see '.* --help'/iu.test(line);
  const last = complaint.split('\n').findLast(telling) ?? end;
  return new CodeModeError(
    'start-failed',
    `${label} could not do "${args[0]}": ${last.trim().slice(0, 500)}`,
    {
      hint: 'The log of the container has all that it said.',
      cause: complaint,
    },
  );
}

/** No engine is installed. */
export function noEngine(wanted: 'auto' | Engine['kind']): CodeModeError {
  const names = wanted === 'auto' ? 'Neither Docker nor Podman is' : `${nameOf(wanted)} is not`;
  return failed(
    `${names} installed, as far as can be seen.`,
    `Install ${wanted === 'docker' ? 'it' : 'Podman'}: ${howToInstall(wanted)}. Or set codeMode.container.engine to the absolute path of such a program.`,
  );
}

/** The program that the settings name is not there. */
export function noSuchProgram(file: string): SettingsError {
  return new SettingsError(
    `codeMode.container.engine is ${file}, which is no program of this machine.`,
    'Set it to auto, docker, podman, or the absolute path of such a program.',
  );
}

function howToInstall(wanted: 'auto' | Engine['kind']): string {
  if (wanted === 'docker') {
    return process.platform === 'linux' ? installCommand('docker.io') : 'https://docs.docker.com/desktop';
  }
  const install = installCommand('podman');
  // Containers want Linux, which comes in a virtual machine there.
  return process.platform === 'linux' ? install : `${install}, then: podman machine init --now`;
}

function notRunning(address: string, { kind, settings }: Complainer): CodeModeError {
  const name = nameOf(kind);
  const variable = kind === 'docker' ? 'DOCKER_HOST' : 'CONTAINER_HOST';
  const where = process.env[variable];
  if (settings.context !== '' || where !== undefined) {
    const chosen =
      settings.context !== ''
        ? `codeMode.container.context ("${settings.context}")`
        : `${variable} (${where})`;
    return failed(
      `${name} does not answer where ${chosen} leads to.`,
      `See whether it runs there: ${kind} ${settings.context === '' ? '' : `${kind === 'docker' ? '--context' : '--connection'} ${settings.context} `}info. Or change ${settings.context === '' ? variable : 'the setting'}.`,
    );
  }
  return failed(`${name} is installed, but it is not running.`, `Start it: ${howToStart(kind, address)}`);
}

function howToStart(kind: Engine['kind'], address: string): string {
  if (kind === 'podman')
    return process.platform === 'linux' ? 'systemctl --user start podman.socket' : 'podman machine start';
  if (address.includes('/run/user/')) return 'systemctl --user start docker';
  const isDesktop = process.platform !== 'linux' || address.includes('/.docker/desktop/');
  return isDesktop ? 'docker desktop start' : 'sudo systemctl start docker';
}

function unknownRuntime(name: string, kind: Engine['kind']): CodeModeError {
  const which = kind === 'docker' ? ": docker info --format '{{json .Runtimes}}'" : ', such as runc or crun';
  return new SettingsError(
    `${nameOf(kind)} has no runtime "${name}".`,
    `Install it, or set codeMode.container.runtime to one that is there${which}. Empty, ${nameOf(kind)} takes its own choice.`,
  );
}

function noPython(program: string, settings: ContainerSettings): CodeModeError {
  return new SettingsError(
    `The image ${settings.build || settings.image} has no program ${program} that could be started.`,
    `Set codeMode.container.python to where its Python is, or codeMode.container.image to one with Python 3.9 or newer, such as ${USUAL_IMAGE}.`,
  );
}

function refusedImage({ kind, settings }: Complainer): CodeModeError {
  const registry = registryOf(settings.image);
  return failed(
    `The registry ${registry} has no image ${settings.image}, or does not give it to you.`,
    `Correct codeMode.container.image; where the image is private, log in: ${kind} login ${registry}`,
  );
}

function unreachableRegistry({ kind, settings }: Complainer): CodeModeError {
  return failed(
    `The registry ${registryOf(settings.image)} cannot be reached, and the image ${settings.image} is not on this machine.`,
    `Once it can be reached: ${kind} pull ${settings.image}. An image from a file is read by: ${kind} load --input FILE`,
  );
}

/** The part of an image's name before the first slash, where it is one of a machine. */
function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : 'docker.io';
}

function nameOf(kind: Engine['kind']): string {
  return kind === 'docker' ? 'Docker' : 'Podman';
}

function failed(message: string, hint: string): CodeModeError {
  return new CodeModeError('start-failed', message, { hint });
}
