import type { ToolCallableInfo } from '../../../contract/tools.ts';
import type { ToolDescription } from '../../tool.ts';
import type { Operation } from './operation.ts';

/** The operations of a tool, as they were described at one time. */
export class OperationSet {
  readonly description: ToolDescription;
  readonly #operations = new Map<string, Operation>();

  /** @param tool - its name: where there is one operation, `tools.NAME(...)` calls it */
  constructor(tool: string, operations: readonly Operation[]) {
    for (const operation of operations) this.#operations.set(operation.info.name, operation);
    const [first, ...others] = operations;
    const direct = first && others.length === 0 ? { ...first.info, name: tool, originalName: tool } : null;
    if (first && direct && !this.#operations.has(tool)) this.#operations.set(tool, first);
    this.description = { callables: operations.map(({ info }) => info), direct };
  }

  /** Undefined: there is none of that name any more. */
  find({ name }: Pick<ToolCallableInfo, 'name'>): Operation | undefined {
    return this.#operations.get(name);
  }
}
