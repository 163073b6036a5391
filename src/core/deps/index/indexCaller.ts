import { InstallError } from '../../contract/errors.ts';
import type { HttpCaller } from '../../http/caller.ts';

/** Whoever asks a package index. */
export const INDEX_CALLER: HttpCaller = {
  failure: (message, hint) => new InstallError(message, { hint }),
  address: 'the address of the index (codeMode.deps.indexUrl, or your own configuration of uv or pip)',
  proxy: 'the proxy of the settings, HTTPS_PROXY and HTTP_PROXY, and that of pip',
  trust:
    'Where you trust it, name the file with the certificate of its authority in the environment variable SSL_CERT_FILE or ' +
    'PIP_CERT, and start VS Code anew.',
};
