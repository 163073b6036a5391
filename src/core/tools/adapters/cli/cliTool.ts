import os from 'node:os';
import path from 'node:path';
import { Emitter } from '../../../common/events.ts';
import { ClosedError } from '../../../contract/errors.ts';
import type { ToolCallableInfo } from '../../../contract/tools.ts';
import { READY } from '../../health.ts';
import type {
  Tool,
  ToolCallRequest,
  ToolDefinition,
  ToolDescription,
  ToolOutcome,
  ToolServices,
} from '../../tool.ts';
import { type ProgramCall, programCall } from './commandLine.ts';
import type { CliConfig, CliRecipe } from './config.ts';
import { ordinaryEnvironment } from './environment.ts';
import { failureOf, refuseBatchFiles, startFailure } from './failures.ts';
import { outcomeOf } from './outcome.ts';
import { describeCli } from './parameters.ts';
import { type ProgramOptions, runProgram } from './program.ts';
import { shownCommand } from './shown.ts';

/** A command-line program as a tool: each call runs it once. */
export class CliTool implements Tool {
  readonly definition: ToolDefinition<CliConfig>;
  readonly health = READY;
  readonly #services: ToolServices;
  readonly #changes = new Emitter<void>();
  readonly #disposing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #description: ToolDescription | undefined;

  constructor(definition: ToolDefinition<CliConfig>, services: ToolServices) {
    this.definition = definition;
    this.#services = services;
  }

  /** Never: a program has nothing that could change. */
  readonly onDidChange = this.#changes.event;

  get known(): ToolDescription {
    this.#description ??= describeCli(this.definition.config);
    return this.#description;
  }

  async describe(): Promise<ToolDescription> {
    return this.known;
  }

  /** @throws ToolArgumentsError as the call would */
  commandLine({ callable, arguments: given }: Pick<ToolCallRequest, 'callable' | 'arguments'>): string {
    const { config } = this.definition;
    return shownCommand(programCall(config, this.#recipeOf(callable)?.name, given), config.env);
  }

  async call(request: ToolCallRequest): Promise<ToolOutcome> {
    if (this.#disposing.signal.aborted) throw new ClosedError(`The tool "${this.definition.name}"`);
    const running = this.#run(request);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposing.abort();
    await Promise.allSettled(this.#running);
    this.#changes.dispose();
  }

  async #run({ callable, arguments: given, signal }: ToolCallRequest): Promise<ToolOutcome> {
    const { config } = this.definition;
    const { mask, maxResultBytes } = this.#services;
    const label = `tools.${config.name}${callable.originalName === config.name ? '' : `.${callable.name}`}`;
    const recipe = this.#recipeOf(callable);
    const call = programCall(config, recipe?.name, given);
    const timeoutS = recipe?.spec.timeout ?? config.timeout;
    const options: ProgramOptions = {
      ...this.#placeOf(call),
      args: call.args,
      stdin: call.stdin,
      env: { ...ordinaryEnvironment(), ...(await this.#ownEnvironment()) },
      timeoutS,
      maxOutputBytes: maxResultBytes,
      signal: AbortSignal.any([signal, this.#disposing.signal]),
    };
    refuseBatchFiles(label, options.file);
    const end = await runProgram(options).catch(async (error: unknown) => {
      throw await startFailure(label, options, error);
    });
    const failure = failureOf(label, call.command, end, { timeoutS, successCodes: config.exit_codes, mask });
    if (failure) throw failure;
    return outcomeOf(
      label,
      { kept: end.stdout, total: end.stdoutTotal },
      recipe?.spec.output ?? config.output,
      mask,
    );
  }

  /** A path is one from the working folder, whatever folder the program then runs in. */
  #placeOf({ command }: ProgramCall): Pick<ProgramOptions, 'file' | 'cwd'> {
    const folder = this.#services.workingFolder ?? os.homedir();
    const isPath = /[\\/]/u.test(command);
    return {
      file: isPath ? path.resolve(folder, command) : command,
      cwd: path.resolve(folder, this.definition.config.cwd ?? '.'),
    };
  }

  async #ownEnvironment(): Promise<Record<string, string>> {
    const variables = Object.entries(this.definition.config.env);
    return Object.fromEntries(
      await Promise.all(
        variables.map(async ([name, value]) => [name, await this.#services.fill(value)] as const),
      ),
    );
  }

  /** Undefined: `tools.NAME(...)` itself. */
  #recipeOf({ originalName }: ToolCallableInfo): { name: string; spec: CliRecipe } | undefined {
    const { recipes } = this.definition.config;
    const spec = Object.hasOwn(recipes, originalName) ? recipes[originalName] : undefined;
    return spec && { name: originalName, spec };
  }
}
