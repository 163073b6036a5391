import { CodeModeError } from '../../contract/errors.ts';
import { parsePackageSpec } from '../packageSpec.ts';
import { type RequirementLine, RequirementsDocument } from './requirementsDocument.ts';

/** Something in a requirements file that no installer takes. Offsets are of UTF-16 units in its text. */
export interface RequirementProblem {
  readonly start: number;
  readonly end: number;
  /** What is wrong, and what to write instead. */
  readonly message: string;
}

/** What is not named by a package's name alone is for the installer to judge: paths, URLs, what it fills in. */
const FOR_INSTALLER = /[\\/@:$(]|\.(?:whl|zip|tgz|tar\.\w+)$/i;

/** The lines of a requirements file that look like packages and are none. */
export function requirementProblems(text: string): RequirementProblem[] {
  let offset = 0;
  return RequirementsDocument.parse(text).lines.flatMap((line) => {
    const start = offset;
    offset += line.text.length;
    const problem = problemOf(line);
    return problem ? [{ ...problem, start: start + problem.start, end: start + problem.end }] : [];
  });
}

function problemOf({ text, content }: RequirementLine): RequirementProblem | undefined {
  if (content.kind !== 'requirement') return undefined;
  const { start, end } = content;
  const written = text.slice(start, end);
  // One that is continued on other lines is not looked at closely.
  if (FOR_INSTALLER.test(written) || written.startsWith('-')) return undefined;
  try {
    parsePackageSpec(written);
    return undefined;
  } catch (error) {
    return { start, end, message: CodeModeError.describe(error).replace('\n', ' ') };
  }
}
