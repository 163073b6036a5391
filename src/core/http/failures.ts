import { STATUS_CODES } from 'node:http';
import { CodeModeError } from '../contract/errors.ts';
import type { HttpCaller } from './caller.ts';

/** The code of an error of the client or of the system, such as `ECONNREFUSED`; empty where it has none. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}

interface Words {
  readonly what: string;
  readonly hint: string;
}

/** Whoever is spoken to first could not be reached: where there is a proxy, it. */
const NOT_REACHED = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What went wrong before there was an answer. */
function wordsFor(code: string, message: string, host: string, { address, trust }: HttpCaller): Words {
  const isItThere = `Check ${address}, and that the server runs.`;
  switch (code) {
    case 'ENOTFOUND':
      return { what: `the name of ${host} is not known`, hint: `Check ${address} and the network.` };
    case 'EAI_AGAIN':
      return {
        what: `the name of ${host} could not be looked up`,
        hint: 'Check the network, and try again.',
      };
    case 'ECONNREFUSED':
      return { what: `nothing listens at ${host}`, hint: isItThere };
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return {
        what: `${host} cannot be reached from here`,
        hint: 'Check the network, or whether a proxy is needed.',
      };
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return { what: `${host} does not answer`, hint: 'Check the network, or whether a proxy is needed.' };
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return {
        what: `${host} ended the connection before it had answered`,
        hint: 'Try again, or look at its log.',
      };
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return { what: `${host} ended its answer too early`, hint: 'Try again, or look at its log.' };
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return {
        what: `the certificate of ${host} is of an authority that is not trusted (${code})`,
        hint: trust,
      };
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return {
        what: `the certificate of ${host} is out of date (${code})`,
        hint: 'Ask whoever runs it for a new one, and check the clock of this machine.',
      };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        what: `the certificate of ${host} is for another name`,
        hint: `Check the name in ${address}.`,
      };
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return {
        what: `${host} speaks no TLS that is understood here`,
        hint: `Where it speaks plain HTTP, ${address} has to begin with http://.`,
      };
    case 'UND_ERR_HEADERS_OVERFLOW':
      return { what: `the headers of ${host}'s answer are too long`, hint: isItThere };
  }
  const proxyStatus = /Proxy response \((\d+)\)|Proxy Authentication Required \((407)\)/.exec(message);
  if (proxyStatus) {
    const status = Number(proxyStatus[1] ?? proxyStatus[2]);
    return {
      what: `the proxy does not let the request through (${status} ${STATUS_CODES[status] ?? ''})`.replace(
        ' )',
        ')',
      ),
      hint:
        status === 407
          ? 'Give its user and password in its address: http://USER:PASSWORD@HOST:PORT.'
          : 'Ask whoever runs the proxy, or name the host in NO_PROXY.',
    };
  }
  if (code.startsWith('HPE_')) {
    return { what: `${host} does not answer in HTTP (${code})`, hint: `Check ${address}: scheme and port.` };
  }
  if (code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_')) {
    return { what: `there is no encrypted connection to ${host} (${code})`, hint: trust };
  }
  return { what: `${host} could not be asked${code ? ` (${code})` : ''}`, hint: isItThere };
}

/** What was asked for. */
export interface RequestWords {
  /** Method and address, without secrets. */
  readonly label: string;
  readonly host: string;
  /** The host of the proxy that was used. */
  readonly proxy?: string | undefined;
}

/** An error of the connection as a sentence. */
export function connectionFailure(
  caller: HttpCaller,
  { label, host, proxy }: RequestWords,
  error: unknown,
): CodeModeError {
  if (CodeModeError.is(error)) return error;
  const code = codeOf(error);
  const isOfProxy = proxy !== undefined && NOT_REACHED.has(code);
  const message = error instanceof Error ? error.message : '';
  const { what, hint } = wordsFor(code, message, isOfProxy ? `the proxy ${proxy}` : host, caller);
  const through = proxy === undefined || isOfProxy ? '' : ` (through the proxy ${proxy})`;
  // The cause stays out: what it holds of the request may have secrets.
  return caller.failure(`${label}: ${what}${through}.`, hint);
}
