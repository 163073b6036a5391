import type { ApprovalQuestion } from '../../core/session/session.ts';
import { calledName } from '../../core/tools/pythonWords.ts';

/** How a question for an approval is put. */
export interface ApprovalWords {
  /** What is asked for, after `An agent wants to`. */
  readonly wish: string;
  /** As Python calls it: `tools.jq.query`, `deps.add`. */
  readonly called: string;
  /** What the answer is about that allows once. */
  readonly once: string;
  /** What the answers are about that allow more than once. */
  readonly all: string;
  /** Until when those that are for the workspace hold. */
  readonly until: string;
  /** Above what would happen. */
  readonly heading: string;
  /** What would happen, each with an icon and a value. */
  readonly details: readonly { readonly label: string; readonly value: string }[];
}

/** By which name changes of packages are asked for; no tool has it. */
const DEPS = 'deps';
/** Characters of the wish: the box shows one line of it. */
const MAX_WISH_CHARACTERS = 90;

const CHANGES: Readonly<Record<string, string>> = {
  add: 'packages that code installs there',
  remove: 'packages that code uninstalls there',
  sync: 'configured packages that code installs there',
};

/** The words for a question: a call to a tool, or a change of packages. */
export function approvalWords(question: ApprovalQuestion): ApprovalWords {
  const { tool, callable, commandLine, description, arguments: given } = question;
  if (tool !== DEPS) {
    const called = `tools.${calledName(question)}`;
    return {
      wish: `call ${called}`,
      called,
      once: 'this call',
      all: `all calls of ${called}`,
      until: 'until its definition changes',
      heading: 'The Call',
      details: [
        { label: '$(terminal) Runs', value: commandLine },
        ...Object.entries(given).map(([name, value]) => ({
          label: `$(symbol-parameter) ${name}`,
          value: typeof value === 'string' ? value : JSON.stringify(value),
        })),
      ],
    };
  }
  const packages = Array.isArray(given.packages) ? given.packages : [];
  return {
    wish:
      commandLine.length <= MAX_WISH_CHARACTERS
        ? commandLine
        : `${commandLine.slice(0, MAX_WISH_CHARACTERS)}…`,
    called: `deps.${callable}`,
    once: 'this change',
    all: `all ${CHANGES[callable] ?? 'changes of packages'}`,
    until: 'from now on',
    heading: 'The Change',
    details: [
      { label: '$(info) Does', value: description },
      { label: '$(terminal) Runs', value: commandLine },
      ...packages.map((name) => ({ label: `$(package) ${String(name)}`, value: '' })),
    ],
  };
}
