import type { CodeModeError } from '../contract/errors.ts';

/** Who makes requests, in the words of its errors. */
export interface HttpCaller {
  /** What it throws. */
  failure(message: string, hint: string): CodeModeError;
  /** What says the address that is asked: `base_url`. */
  readonly address: string;
  /** What says the proxy: `the settings, HTTPS_PROXY and HTTP_PROXY`. */
  readonly proxy: string;
  /** What to do where a certificate's authority is not known. */
  readonly trust: string;
}
