import { ClosedError } from '../../contract/errors.ts';

/** What is open of a store, to be closed together with it. */
export class OpenResources implements AsyncDisposable {
  readonly #open = new Set<AsyncDisposable>();
  #closed = false;

  /** @throws ClosedError if the store is closed by now; the resource is then, too */
  async keep<T extends AsyncDisposable>(resource: T): Promise<T> {
    if (this.#closed) {
      await resource[Symbol.asyncDispose]();
      throw new ClosedError('The store');
    }
    this.#open.add(resource);
    return resource;
  }

  /** It was closed, or is nobody's any more. */
  release(resource: AsyncDisposable): void {
    this.#open.delete(resource);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const open = [...this.#open];
    this.#open.clear();
    await Promise.all(open.map((resource) => resource[Symbol.asyncDispose]()));
  }
}
