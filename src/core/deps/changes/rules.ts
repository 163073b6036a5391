import { CodeModeError, RuntimeDepsDisabledError } from '../../contract/errors.ts';
import { DEPS_DEFAULTS, type DepsSpec } from '../depsSpec.ts';

/** What the settings and the trust of the workspace allow. */
export class ChangeRules {
  readonly allowsRuntimeChanges: boolean;
  readonly #isTrusted: boolean;

  constructor(spec: DepsSpec) {
    const { allowRuntimeChanges, isTrusted } = { ...DEPS_DEFAULTS, ...spec };
    this.allowsRuntimeChanges = allowRuntimeChanges;
    this.#isTrusted = isTrusted;
  }

  /** For what adds or removes. @throws RuntimeDepsDisabledError, CodeModeError `untrusted` */
  checkRuntimeChange(): void {
    if (!this.allowsRuntimeChanges) throw new RuntimeDepsDisabledError();
    this.checkTrust();
  }

  /** For whatever starts an installer. @throws CodeModeError `untrusted` */
  checkTrust(): void {
    if (this.#isTrusted) return;
    throw new CodeModeError('untrusted', 'In a workspace that is not trusted no packages are changed.', {
      hint: 'Trust the workspace ("Workspaces: Manage Workspace Trust") if you know where its code comes from.',
    });
  }
}
