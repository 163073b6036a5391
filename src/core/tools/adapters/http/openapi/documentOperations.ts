import { ToolFailedError } from '../../../../contract/errors.ts';
import { NameSet } from '../../../../python-source/identifiers.ts';
import type { HttpConfig } from '../config.ts';
import { operationsOfEndpoints } from '../endpoints.ts';
import { OperationSet } from '../operationSet.ts';
import { ApiDocument } from './apiDocument.ts';
import type { DocumentSource, LoadedDocument } from './documentSource.ts';
import { operationsOfDocument } from './operations.ts';

/** Problems of one document that are logged. */
const MAX_LOGGED = 20;

/** Makes operations of a document, and makes them again when it has changed. */
export class DocumentOperations {
  readonly #source: DocumentSource;
  readonly #config: HttpConfig;
  readonly #log: (line: string) => void;
  /** What is wrong with the document as it was read last. */
  #broken: unknown;
  #wasRead = false;

  /** @param source - owned from now on */
  constructor(source: DocumentSource, config: HttpConfig, log: (line: string) => void) {
    this.#source = source;
    this.#config = config;
    this.#log = log;
  }

  /**
   * Those of the tool's file come first.
   * @returns undefined where nothing has changed since
   * @throws ToolFailedError for a document that can't be read, or of which nothing can be called
   */
  async read(): Promise<OperationSet | undefined> {
    const loaded = await this.#source.read(this.#wasRead);
    if (!loaded) {
      if (this.#broken !== undefined) throw this.#broken;
      return undefined;
    }
    this.#wasRead = true;
    this.#broken = undefined;
    try {
      return this.#made(loaded);
    } catch (error) {
      this.#broken = error;
      throw error;
    }
  }

  dispose(): void {
    this.#source.dispose();
  }

  #made({ text, name, url }: LoadedDocument): OperationSet {
    const names = new NameSet();
    const problems: string[] = [];
    const operations = [
      ...operationsOfEndpoints(this.#config, names),
      ...operationsOfDocument(new ApiDocument(text, name, url), this.#config, names, problems),
    ];
    const [first] = problems;
    if (operations.length === 0 && first !== undefined) throw new ToolFailedError(first);
    for (const problem of problems.slice(0, MAX_LOGGED)) this.#log(problem);
    if (problems.length > MAX_LOGGED) this.#log(`… and ${problems.length - MAX_LOGGED} more like these.`);
    return new OperationSet(this.#config.name, operations);
  }
}
