import { z } from 'zod';
import { InstallError } from '../../../contract/errors.ts';

/** Why there is no set of wheels, as the resolver says it. */
export const ProblemSchema = z.object({
  problem: z.enum(['missing', 'version', 'wheel', 'conflict']),
  name: z.string(),
  wanted: z.array(z.object({ requirement: z.string(), needed_by: z.string() })).min(1),
});
export type Problem = z.infer<typeof ProblemSchema>;

const OTHER_EXECUTOR =
  'Use the executor "subprocess" for it, whose packages may be compiled for this machine.';

/** Why a package that is there has no file that Pyodide can use. */
export const NO_WHEEL = `It has no wheel for Pyodide. ${OTHER_EXECUTOR}`;

/** @param pythonVersion - `3.14.2` */
export function installProblem({ problem, name, wanted }: Problem, pythonVersion: string): InstallError {
  const asked = wanted.map(({ requirement, needed_by }) =>
    needed_by === '' ? requirement : `${requirement} (needed by ${needed_by})`,
  );
  const [first = name] = asked;
  switch (problem) {
    case 'missing':
      return new InstallError(`There is no package ${first}: the package index does not have it.`, {
        hint: 'Check its name. Where it lies on another index, name that in codeMode.deps.extraIndexUrls.',
      });
    case 'version':
      return new InstallError(`The package index has no version of ${name} for ${first}.`, {
        hint: 'Ask for another version, or for none.',
      });
    case 'wheel':
      return new InstallError(
        `${asked.join(', ')} has no wheel for Pyodide (Python ${pythonVersion}): only pure Python, and what was compiled for Pyodide, can be installed here.`,
        { hint: OTHER_EXECUTOR },
      );
    case 'conflict':
      return new InstallError(`No version of ${name} suits all that need it: ${asked.join(', ')}.`, {
        hint: 'Ask for other versions of these packages.',
      });
  }
}
