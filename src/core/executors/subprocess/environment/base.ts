import { CodeModeError } from '../../../contract/errors.ts';
import { interpreterCandidates } from './candidates.ts';
import type { InterpreterFacts } from './inspect.ts';
import type { Candidate } from './installations.ts';
import { type FactsOptions, knownFacts } from './knownFacts.ts';
import { interpreterIn } from './layout.ts';
import { compareVersions, minorVersion, NEWEST } from './versions.ts';

/** Milliseconds that one of many interpreters may take to start. */
export const CANDIDATE_TIMEOUT_MS = 10_000;

/**
 * The interpreter to base an environment on: of this machine's the newest supported one, or one of `version`.
 * Interpreters are started one after another until no other can be better.
 *
 * @param version `3.12`
 * @returns undefined where there is none
 * @throws CodeModeError `cancelled`
 */
export async function findBase(
  version: string | undefined,
  options: FactsOptions,
): Promise<InterpreterFacts | undefined> {
  const candidates = (await interpreterCandidates(options.signal))
    .filter((candidate) => !version || !candidate.version || candidate.version === version)
    .sort((a, b) => atMost(b) - atMost(a));
  let best: InterpreterFacts | undefined;
  for (const candidate of candidates) {
    if (best && rank(best) >= atMost(candidate)) break;
    const facts = await installationOf(candidate.executable, options);
    if (!facts || (version && minorVersion(facts.version) !== version)) continue;
    if (!best || rank(facts) > rank(best)) best = facts;
  }
  return best;
}

/** Newer is better, but one that is not released, not tried or of the other kind is used only where it must be. */
function rank({ version, final, freeThreaded }: InterpreterFacts): number {
  return versionRank(version, final && !freeThreaded);
}

/** The rank that an interpreter with this name can have. */
function atMost({ version }: Candidate): number {
  return version === undefined ? Number.POSITIVE_INFINITY : versionRank(version, true);
}

function versionRank(version: string, wellKnown: boolean): number {
  const minor = Number(version.split('.')[1]);
  return wellKnown && compareVersions(minorVersion(version), NEWEST) <= 0 ? minor + 1000 : minor;
}

/** What is installed there: for an interpreter in an environment that which the environment is based on. */
async function installationOf(
  executable: string,
  options: FactsOptions,
): Promise<InterpreterFacts | undefined> {
  try {
    const facts = await knownFacts(executable, options);
    if (facts.prefix === facts.basePrefix) return facts;
    const base = await interpreterIn(facts.basePrefix);
    return base === undefined ? undefined : await knownFacts(base, options);
  } catch (error) {
    if (CodeModeError.is(error, 'cancelled')) throw error;
    options.log(`python: not used: ${CodeModeError.is(error) ? error.message : String(error)}`);
    return undefined;
  }
}
