import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Executor } from '../../../src/core/contract/executor.ts';
import type { ExecutorContext } from '../../../src/core/executors/registry.ts';
import { createHostServices } from '../../../src/core/hostServices.ts';
import { type OpenToolbox, openToolbox } from '../../../src/core/session/toolboxes.ts';
import { ToolService } from '../../../src/core/tools/service.ts';
import { WorkflowLibrary } from '../../../src/core/workflows/library.ts';
import { until } from '../../support/until.ts';
import { StoreSessions } from './storeSession.ts';

/** As {@link StoreSessions}, with the tools of that folder. */
export class ToolSessions extends StoreSessions {
  #tools: OpenToolbox | undefined;

  /** Registers mocha's hooks: as those of {@link StoreSessions}, and the tools end with the suite. */
  override install(): void {
    super.install();
    after(async () => {
      await this.#tools?.toolbox[Symbol.asyncDispose]();
    });
  }

  override async open(overrides: Partial<ExecutorContext> = {}): Promise<Executor> {
    const { storage, base } = this;
    const log = () => undefined;
    this.#tools ??= openToolbox({ baseFolder: base, workspaceFolder: path.dirname(base) }, { log });
    const { toolbox, variables, approvals } = this.#tools;
    const { mask } = variables;
    return super.open({
      hostServices: () =>
        createHostServices({
          storage,
          workflows: new WorkflowLibrary({ store: storage.workflows }),
          tools: new ToolService({ toolbox: () => toolbox, spec: {}, approvals, mask, log }),
        }),
      ...overrides,
    });
  }

  /** Writes a tool's file, or deletes it, and waits until that is noticed. */
  async define(name: string, yaml: string | undefined): Promise<void> {
    const file = path.join(this.base, 'tools', `${name}.yaml`);
    await mkdir(path.dirname(file), { recursive: true });
    const entry = async () => (await this.#tools?.toolbox.entries())?.get(name);
    const before = (await entry())?.defined;
    await (yaml === undefined ? rm(file) : writeFile(file, yaml));
    await until(`${name}.yaml is noticed`, async () => {
      const now = await entry();
      return yaml === undefined ? now === undefined : now !== undefined && now.defined !== before;
    });
  }
}
