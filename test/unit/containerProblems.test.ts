import assert from 'node:assert/strict';
import { CodeModeError, type ErrorCode } from '../../src/core/contract/errors.ts';
import { explainProblem, noEngine } from '../../src/core/executors/container/engine/problems.ts';
import { parseContainerSettings } from '../../src/core/executors/container/settings.ts';

/** What engines have been seen to write, the first line that counts of it, and what a person is to be told. */
const COMPLAINTS: readonly {
  readonly kind: 'docker' | 'podman';
  readonly complaint: string;
  readonly code: ErrorCode;
  readonly says: RegExp;
  readonly hint: RegExp;
}[] = [
  {
    kind: 'docker',
    complaint:
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.47/info": dial unix /var/run/docker.sock: connect: permission denied',
    code: 'start-failed',
    says: /you may not use it/,
    hint: /sudo usermod -aG docker "\$USER"/,
  },
  {
    kind: 'docker',
    complaint:
      'Cannot connect to the Docker daemon at unix:///run/user/1000/docker.sock. Is the docker daemon running?',
    code: 'start-failed',
    says: /not running/,
    hint: /systemctl --user start docker/,
  },
  {
    kind: 'docker',
    complaint:
      "docker: Error response from daemon: write /var/lib/docker/tmp/x: no space left on device.\nSee 'docker run --help'.",
    code: 'start-failed',
    says: /disk.*full/,
    hint: /docker image prune/,
  },
  {
    kind: 'podman',
    complaint:
      'Error: writing blob: adding layer with blob "sha256:1": processing tar file(write /usr/lib/x: no space left on device): exit status 1',
    code: 'start-failed',
    says: /disk.*full/,
    hint: /podman image prune/,
  },
  {
    kind: 'podman',
    complaint: 'Error: reading image "a8b5": locating image with ID "a8b5": image not known',
    code: 'start-failed',
    says: /removed while Podman looked/,
    hint: /again/,
  },
  {
    kind: 'podman',
    complaint:
      'Error: locating item named "manifest" for image with ID "a8b5" (consider removing the image to resolve the issue): file does not exist',
    code: 'start-failed',
    says: /removed while Podman looked/,
    hint: /again/,
  },
  {
    kind: 'docker',
    complaint: 'docker: Error response from daemon: unknown or invalid runtime name: runsc',
    code: 'settings',
    says: /no runtime "runsc"/,
    hint: /codeMode\.container\.runtime/,
  },
  {
    kind: 'docker',
    complaint:
      'docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "python3": executable file not found in $PATH: unknown',
    code: 'settings',
    says: /no program python3/,
    hint: /codeMode\.container\.python/,
  },
  {
    kind: 'podman',
    complaint:
      'Error: crun: executable file `python3` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found',
    code: 'settings',
    says: /no program python3/,
    hint: /codeMode\.container\.image/,
  },
  {
    kind: 'docker',
    complaint:
      'docker: Error response from daemon: could not select device driver "" with capabilities: [[gpu]].',
    code: 'start-failed',
    says: /GPUs/,
    hint: /nvidia-ctk runtime configure/,
  },
  {
    kind: 'docker',
    complaint:
      'docker: Error response from daemon: range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available.',
    code: 'settings',
    says: /fewer processors/,
    hint: /from 0\.01 to 2\.00/,
  },
  {
    kind: 'docker',
    complaint:
      'docker: Error response from daemon: invalid mount config for type "bind": bind source path does not exist: /data/x\n\nRun \'docker run --help\' for more information',
    code: 'settings',
    says: /cannot mount \/data\/x/,
    hint: /codeMode\.container\.mounts/,
  },
  {
    kind: 'docker',
    complaint:
      'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
    code: 'start-failed',
    says: /registry example\.org cannot be reached/,
    hint: /docker pull example\.org\/team\/image:1/,
  },
  {
    kind: 'docker',
    complaint:
      "Error response from daemon: pull access denied for example.org/team/image, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    code: 'start-failed',
    says: /has no image example\.org\/team\/image:1, or does not give it to you/,
    hint: /docker login example\.org/,
  },
  {
    kind: 'podman',
    complaint:
      'Error: short-name "python:3.13" did not resolve to an alias and no unqualified-search registries are defined in "/etc/containers/registries.conf"',
    code: 'settings',
    says: /which registry python:3\.13 is from/,
    hint: /docker\.io\/library\/python:3\.13/,
  },
  {
    kind: 'docker',
    complaint: 'Error response from daemon: toomanyrequests: You have reached your pull rate limit.',
    code: 'start-failed',
    says: /limit is reached/,
    hint: /docker login/,
  },
  {
    kind: 'podman',
    complaint: 'exec container process `/usr/bin/python3`: Exec format error',
    code: 'start-failed',
    says: /another kind of processor/,
    hint: /codeMode\.container\.image/,
  },
  {
    kind: 'podman',
    complaint:
      'ERRO[0000] cannot find UID/GID for user ann: no subuid ranges found for user "ann" in /etc/subuid - check rootless mode in man pages.',
    code: 'start-failed',
    says: /no range of user ids/,
    hint: /podman system migrate/,
  },
  {
    kind: 'podman',
    complaint: 'Error: netavark: No such file or directory (os error 2)',
    code: 'start-failed',
    says: /iptables is not installed/,
    hint: /iptables.*codeMode\.container\.network/,
  },
  {
    kind: 'podman',
    complaint:
      'Error: command required for rootless mode with multiple IDs: exec: "newuidmap": executable file not found in $PATH',
    code: 'start-failed',
    says: /no range of user ids/,
    hint: /package uidmap/,
  },
  {
    kind: 'podman',
    complaint:
      'Error: could not find "slirp4netns", the network namespace can\'t be configured: exec: "slirp4netns": executable file not found in $PATH',
    code: 'start-failed',
    says: /slirp4netns is not installed/,
    hint: /slirp4netns.*codeMode\.container\.network/,
  },
];

describe('what an engine complains of', () => {
  const settings = parseContainerSettings({ image: 'example.org/team/image:1' });
  for (const { kind, complaint, code, says, hint } of COMPLAINTS) {
    it(`${kind}: ${says.source}`, () => {
      const error = explainProblem(complaint, { kind, settings });
      assert.ok(error);
      assert.equal(error.code, code);
      assert.match(error.message, says);
      assert.match(error.hint ?? '', hint);
      assert.equal(error.cause, complaint, 'the log has its own words');
    });
  }

  it('where nothing is known of it', () => {
    assert.equal(explainProblem('Error: the moon is full', { kind: 'podman', settings }), undefined);
  });

  it('where the variable DOCKER_HOST leads somewhere else, it is named', () => {
    const before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = 'tcp://build.example.org:2376';
    try {
      const complaint =
        'Cannot connect to the Docker daemon at tcp://build.example.org:2376. Is the docker daemon running?';
      const error = explainProblem(complaint, { kind: 'docker', settings });
      assert.match(CodeModeError.describe(error), /DOCKER_HOST \(tcp:\/\/build\.example\.org:2376\)/);
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
  });

  it('where there is no engine, how to install one is said', () => {
    assert.match(noEngine('auto').message, /Neither Docker nor Podman/);
    assert.match(noEngine('auto').hint ?? '', /podman/i);
  });
});
