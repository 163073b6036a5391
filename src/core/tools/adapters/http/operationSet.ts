import type { ToolCallableInfo } from '../../../contract/tools.ts';
import type { ToolDescription } from '../../tool.ts';
import type { Operation } from './operation.ts';

/** What each callable meant when it was described: what a person has allowed by it is what is called. */
const described = new WeakMap<ToolCallableInfo, Operation>();

/** The operations of a tool, as they were described at one time. */
export class OperationSet {
  readonly description: ToolDescription;
  readonly #operations = new Map<string, Operation>();

  /** @param tool - its name: where there is one operation, `tools.NAME(...)` calls it */
  constructor(tool: string, operations: readonly Operation[]) {
    for (const operation of operations) {
      this.#operations.set(operation.info.name, operation);
      described.set(operation.info, operation);
    }
    const [first, ...others] = operations;
    const direct = first && others.length === 0 ? { ...first.info, name: tool, originalName: tool } : null;
    if (first && direct) {
      this.#operations.set(tool, first);
      described.set(direct, first);
    }
    this.description = { callables: operations.map(({ info }) => info), direct };
  }

  /** What a callable means, also one that was described earlier; undefined: there is none of that name. */
  find(callable: ToolCallableInfo): Operation | undefined {
    return described.get(callable) ?? this.#operations.get(callable.name);
  }
}
