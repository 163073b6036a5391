import { ToolFailedError } from '../../../contract/errors.ts';
import type { HttpCaller } from '../../../http/caller.ts';

/** A tool that is made of HTTP. */
export const TOOL_CALLER: HttpCaller = {
  failure: (message, hint) => new ToolFailedError(message, { hint }),
  address: 'base_url',
  proxy: 'the settings, HTTPS_PROXY and HTTP_PROXY, and the file of the tool',
  trust:
    'Where it is your own, name the file with the certificate of its authority in the environment variable ' +
    'NODE_EXTRA_CA_CERTS and start VS Code anew.',
};
