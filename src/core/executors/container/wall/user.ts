import type { ContainerPlan } from '../plan.ts';

/** User and group where those of the person cannot be had, or are root's: nobody's in most images. */
const NOBODYS = '1000:1000';

/** What `run` is told of the user inside. */
export function userArguments({ engine, settings, user }: ContainerPlan): readonly string[] {
  const asked = user ?? settings.user;
  const effective = asked || defaultUser(engine, settings.workspace);
  // Without root, an engine takes root inside for the person; this keeps the person's own ids instead.
  const keepsIds = engine.kind === 'podman' && engine.facts.isRootless && !isRoot(effective);
  return [...(keepsIds ? ['--userns=keep-id'] : []), `--user=${effective}`];
}

/** The person, so that files of the workspace are theirs on both sides, but never root. */
function defaultUser({ kind, facts }: ContainerPlan['engine'], workspace: string): string {
  // A Docker without root has no way to keep ids: its root is the person, and nobody else can write their files.
  if (kind === 'docker' && facts.isRootless && workspace === 'writable') return '0:0';
  const [user, group] = [process.getuid?.(), process.getgid?.()];
  return user && group !== undefined && !facts.isRemote ? `${user}:${group}` : NOBODYS;
}

function isRoot(user: string): boolean {
  return /^(0|root)(:|$)/.test(user);
}
