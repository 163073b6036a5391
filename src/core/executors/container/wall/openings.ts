import { existsSync, realpathSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { homeFolders } from '../../confinement/homeFolders.ts';
import { lastingSecretPlaces, sharedPlaces } from '../../confinement/secretPlaces.ts';

/**
 * What a container could take hold of through a mount.
 *
 * @param source a real path
 * @returns for people; undefined: nothing but what lies there
 */
export function whatOpens(source: string): string | undefined {
  // Whoever speaks to an engine, an agent or a desktop has what they have.
  if (statSync(source).isSocket()) return 'it is the socket of a program that acts for whoever asks';
  if (path.dirname(source) === source) return 'it is all of this machine';
  const home = found(homeFolders()).find((place) => isWithin(source, place));
  if (home !== undefined) return `the home folder "${home}" is in it`;
  const socket = found(engineSockets()).find((place) => isWithin(source, place));
  if (socket !== undefined) return `the container engine is spoken to through "${socket}"`;
  const secret = found(lastingSecretPlaces()).find(
    (place) => isWithin(source, place) || isWithin(place, source),
  );
  if (secret !== undefined) return `"${secret}" holds secrets`;
  const shared = found(sharedPlaces()).find((place) => isWithin(source, place));
  return shared && `other programs keep their temporary files and sockets in "${shared}"`;
}

/** Where Docker and Podman listen, by their own defaults and by the environment. */
function engineSockets(): string[] {
  const runtimeFolders = ['/run', '/var/run', process.env.XDG_RUNTIME_DIR ?? ''];
  const named = [process.env.DOCKER_HOST, process.env.CONTAINER_HOST].flatMap((address) =>
    address?.startsWith('unix://') ? [address.slice('unix://'.length)] : [],
  );
  return [
    ...runtimeFolders.flatMap((folder) =>
      ['docker.sock', 'podman/podman.sock', 'containerd/containerd.sock', 'crio/crio.sock'].map((name) =>
        path.join(folder, name),
      ),
    ),
    path.join(os.homedir(), '.docker/run/docker.sock'),
    ...named,
  ];
}

/** The real paths of those that are there. */
function found(places: readonly string[]): string[] {
  return places
    .filter((place) => path.isAbsolute(place) && existsSync(place))
    .map((place) => realpathSync.native(place));
}

/** Whether `candidate` is `folder` or below it, by the rules of this system's paths. */
function isWithin(folder: string, candidate: string): boolean {
  const relative = path.relative(folder, candidate);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}
