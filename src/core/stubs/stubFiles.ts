import type { ToolInfo } from '../contract/tools.ts';
import BUILTINS from './package/__builtins__.pyi';
import PACKAGE from './package/__init__.pyi';
import ARTIFACT_FILES from './package/artifact_files.pyi';
import ARTIFACTS from './package/artifacts.pyi';
import DEPS from './package/deps.pyi';
import DISPLAY from './package/display.pyi';
import ERRORS from './package/errors.pyi';
import RECORDS from './package/records.pyi';
import TOOL_RECORDS from './package/tool_records.pyi';
import WORKFLOW from './package/workflow.pyi';
import { toolsStub } from './toolsStub.ts';
import { type StubWorkflow, workflowsStub } from './workflowsStub.ts';

/** The first line of every file of the stubs: what begins otherwise is somebody else's. */
export const STUB_MARKER = '# Made by Python Code Mode, and made anew when tools or workflows change.';

/** What the stubs tell of a workspace. */
export interface StubContent {
  readonly tools: readonly ToolInfo[];
  readonly workflows: readonly StubWorkflow[];
}

/**
 * The stubs by which type checkers know `tools`, `workflows`, `artifacts` and `deps`, to be laid where they look for
 * stubs (`typings` by default).
 *
 * @returns texts by their path, with `/`, relative to that folder
 */
export async function stubFiles({ tools, workflows }: StubContent): Promise<ReadonlyMap<string, string>> {
  const texts = {
    // Names that are known in every file without an import.
    '__builtins__.pyi': BUILTINS,
    'code_mode/__init__.pyi': PACKAGE,
    'code_mode/artifact_files.pyi': ARTIFACT_FILES,
    'code_mode/artifacts.pyi': ARTIFACTS,
    'code_mode/deps.pyi': DEPS,
    'code_mode/display.pyi': DISPLAY,
    'code_mode/errors.pyi': ERRORS,
    'code_mode/records.pyi': RECORDS,
    'code_mode/tool_records.pyi': TOOL_RECORDS,
    'code_mode/tools.pyi': await toolsStub(tools),
    'code_mode/workflow.pyi': WORKFLOW,
    'code_mode/workflows.pyi': await workflowsStub(workflows),
  };
  return new Map(Object.entries(texts).map(([path, text]) => [path, `${STUB_MARKER}\n${text}`]));
}
