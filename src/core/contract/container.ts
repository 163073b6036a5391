import type { Event } from '../common/events.ts';

/** The container of an executor, as people are told of it. Plain data. */
export interface ContainerReport {
  /** With its version: `Podman 4.3.1`; null: none was found yet. */
  readonly engine: string | null;
  /** What the image was asked for as: `python:3.13-slim`, or the file that it is built from. */
  readonly image: string;
  /** `sha256:` and its digits; null: not known yet. */
  readonly imageId: string | null;
  /** The one that runs; null: none does. */
  readonly container: RunningContainer | null;
  /** The newest line of what is done before it can start, such as fetching its image; null: nothing is. */
  readonly preparing: string | null;
}

/** One container that runs. */
export interface RunningContainer {
  /** All its digits, as the engine gives them. */
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** What opens a shell in it: a program of this machine and its arguments. */
  readonly shell: { readonly file: string; readonly args: readonly string[] };
  /** What it was given, a line each for people: `no network`, `2 GiB of memory`. */
  readonly limits: readonly string[];
}

/** What a container uses right now; null where the system does not tell. */
export interface ContainerUsage {
  /** Bytes. */
  readonly memory: number | null;
  /** Bytes that it may use. */
  readonly memoryLimit: number | null;
  /** Seconds of processor time since its start. */
  readonly processorTime: number | null;
  /** Processors that it may use at the same time, such as 1.5. */
  readonly processors: number | null;
  readonly processes: number | null;
}

/** What can be seen of an executor's container and be done with it. */
export interface ContainerControl {
  /** The report has changed. */
  readonly onDidChange: Event<void>;
  report(): Promise<ContainerReport>;
  /** Answered while code runs, which does not notice; null: no container runs. */
  usage(): Promise<ContainerUsage | null>;
  /** What happened so far, the oldest first: how the image was made, starts, ends, what the engine complained of. */
  log(): Promise<string>;
  /** Ends the container with the Python in it; the next run starts another one. */
  stop(): Promise<void>;
  /**
   * Fetches or builds the image anew, without what the engine has cached of it, and starts Python in a container of it.
   *
   * @throws CodeModeError `cancelled`; as a start
   */
  rebuild(options?: ContainerRebuildOptions): Promise<void>;
}

export interface ContainerRebuildOptions {
  readonly signal?: AbortSignal;
  /** What is done, one line each. */
  readonly onProgress?: (line: string) => void;
}
