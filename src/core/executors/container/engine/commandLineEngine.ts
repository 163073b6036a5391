import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import type { ContainerSettings } from '../settings.ts';
import type { Engine, EngineCall, EngineFacts } from './engine.ts';
import { explainProblem, unexplained } from './problems.ts';
import { engineEnvironment, runCommand } from './runCommand.ts';

/** A program that was found and answers. */
export interface FoundEngine {
  readonly kind: Engine['kind'];
  /** Absolute path. */
  readonly file: string;
  /** What stands before each subcommand: the context or connection. */
  readonly globalArguments: readonly string[];
  readonly facts: EngineFacts;
}

/** Docker's or Podman's command line with the settings of one executor. */
export class CommandLineEngine implements Engine {
  readonly kind: Engine['kind'];
  readonly label: string;
  readonly facts: EngineFacts;
  readonly runArguments: readonly string[];
  readonly #file: string;
  readonly #globalArguments: readonly string[];
  readonly #settings: ContainerSettings;
  readonly #onProblem: () => void;

  /** @param onProblem told when a command of it has failed: what was found may have changed */
  constructor(found: FoundEngine, settings: ContainerSettings, onProblem: () => void) {
    const runtime = settings.runtime === '' ? [] : ['--runtime', settings.runtime];
    this.kind = found.kind;
    this.facts = found.facts;
    this.label = `${found.kind === 'docker' ? 'Docker' : 'Podman'} ${found.facts.version}`;
    this.runArguments = found.kind === 'docker' ? runtime : [];
    this.#file = found.file;
    this.#globalArguments = [...(found.kind === 'podman' ? runtime : []), ...found.globalArguments];
    this.#settings = settings;
    this.#onProblem = onProblem;
  }

  async call(args: readonly string[], options?: EngineCall): Promise<string> {
    const { succeeded, stdout, complaint, end } = await runCommand(this.command(args), options);
    if (succeeded) return stdout;
    throw this.problem(complaint) ?? unexplained(this, args, complaint, end);
  }

  spawn(args: readonly string[], stdio: StdioOptions): ChildProcess {
    const command = this.command(args);
    return spawn(command.file, command.args, {
      env: engineEnvironment(),
      stdio,
      // A group of its own: Ctrl+C in the terminal is not for it.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
  }

  command(args: readonly string[]): { readonly file: string; readonly args: readonly string[] } {
    return { file: this.#file, args: [...this.#globalArguments, ...args] };
  }

  problem(complaint: string): Error | undefined {
    this.#onProblem();
    return explainProblem(complaint, { kind: this.kind, settings: this.#settings });
  }
}
