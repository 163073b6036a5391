import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { SettingsError } from '../../contract/errors.ts';

/** What a confined process may do. All paths are absolute. */
export interface ConfinementPolicy {
  /**
   * Folders and files that may be written, made by the caller; everything else is read-only. What would run outside
   * later (`.vscode`, Git's hooks and configuration) stays read-only in them.
   */
  readonly writable: readonly string[];
  /** Paths within `writable` that stay read-only. A missing one is an empty folder there while the process lives. */
  readonly readOnly?: readonly string[];
  /** Paths that must be readable: where the program lies and what it works with. */
  readonly readable: readonly string[];
  /**
   * `visible`: everything else is readable as well, but for the usual places of secrets and other programs' temporary
   * files. `hidden`: nothing else is there, besides the system's libraries.
   */
  readonly otherFiles: 'visible' | 'hidden';
  /** Paths to hide beside the usual places of secrets, where other files are visible. */
  readonly hidden?: readonly string[];
  /** `off`: no packet leaves, and this machine's own services are out of reach as well. */
  readonly network: 'on' | 'off' | { readonly allowedDomains: readonly string[] };
  /** Where the process starts; readable under the policy. */
  readonly workingFolder: string;
}

const LABEL = '[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^(\\*\\.${LABEL}\\.)?(${LABEL}\\.)*${LABEL}$`);
const MAX_DOMAIN_LENGTH = 253;

/** `pypi.org`, or `*.pythonhosted.org` for all names below one; in lower case and ASCII afterwards. */
export const DomainSchema = z.string().transform((entry, context) => {
  const wildcard = entry.startsWith('*.') ? '*.' : '';
  const domain = wildcard + domainToASCII(entry.slice(wildcard.length));
  if (domain.length <= MAX_DOMAIN_LENGTH && DOMAIN.test(domain)) return domain;
  context.addIssue({ code: 'custom', message: `${JSON.stringify(entry)} is not the name of a domain` });
  return z.NEVER;
});

/** A policy that was checked, with its defaults filled in. */
export type CheckedPolicy = Required<ConfinementPolicy>;

/** @throws SettingsError that names every entry that is no domain */
export function checkPolicy(policy: ConfinementPolicy): CheckedPolicy {
  const { network, readOnly = [], hidden = [] } = policy;
  if (typeof network === 'string') return { ...policy, readOnly, hidden, network };
  const allowedDomains = checkDomains(network.allowedDomains);
  return { ...policy, readOnly, hidden, network: { allowedDomains } };
}

/** @returns the domains in lower case and ASCII. @throws SettingsError that names every entry that is none */
export function checkDomains(entries: readonly string[]): readonly string[] {
  const domains = z.array(DomainSchema).safeParse(entries);
  if (domains.success) return domains.data;
  const problems = domains.error.issues.map((issue) => issue.message).join('; ');
  throw new SettingsError(
    `The network cannot be limited to these domains: ${problems}.`,
    'Write names such as "pypi.org", or "*.pythonhosted.org" for all below one, without scheme, port and path.',
  );
}
