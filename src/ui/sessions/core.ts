// What the window needs of the core once Python is used. It is built as a file of its own (see esbuild.mjs), so
// that activating the extension neither reads nor parses it: import it as `await import('./core.ts')` only.
export { ClosedError, CodeModeError, ToolFailedError } from '../../core/contract/errors.ts';
export { isPackageApproval } from '../../core/deps/changes/changeApproval.ts';
export { requirementProblems } from '../../core/deps/configuration/requirementProblems.ts';
export { describeMissingModule, explainMissingModule } from '../../core/deps/missingModule.ts';
export { packageIndexRequest } from '../../core/deps/sources/indexCredentials.ts';
export { splitLogin } from '../../core/deps/sources/loginUrl.ts';
export { executorRegistry } from '../../core/executors/index.ts';
export { findInterpreters, resolveEnvironment } from '../../core/executors/subprocess/environment/index.ts';
export { isEnvironmentFolder } from '../../core/executors/subprocess/environment/layout.ts';
export { parsePythonSetting } from '../../core/executors/subprocess/environment/setting.ts';
export { attachToHost, endHost, findHost } from '../../core/session/host/hostClient.ts';
export { createSessionManager } from '../../core/session/local.ts';
export { SessionStore } from '../../core/session/sessionStore.ts';
export { openToolbox } from '../../core/session/toolboxes.ts';
export { artifactSegments, checkWorkflowName } from '../../core/storage/names.ts';
export { describeRedis, splitRedisUrl } from '../../core/storage/redis/address.ts';
export { embeddingsKeyRequest, redisPasswordRequest } from '../../core/storage/secretRequests.ts';
export { hasSkills, migrateSkills } from '../../core/storage/skills.ts';
export { compareStores } from '../../core/storage/transfer/compareStores.ts';
export { comparisonReport } from '../../core/storage/transfer/comparisonReport.ts';
export { copyStore, planCopy } from '../../core/storage/transfer/copyStore.ts';
export { openTransferStore } from '../../core/storage/transfer/openTransferStore.ts';
export { kindsOf } from '../../core/storage/transfer/transferStore.ts';
export { stubFiles } from '../../core/stubs/stubFiles.ts';
export { describeTools } from '../../core/tools/adapters/mcp/describe.ts';
export { completionsAt, hoverAt } from '../../core/tools/definition/assistance.ts';
export { toolNameProblem } from '../../core/tools/definition/common.ts';
export { parseToolDefinition, withNameProblem } from '../../core/tools/definition/parse.ts';
export { toYaml } from '../../core/tools/definition/yaml.ts';
export { definitionFromHelp } from '../../core/tools/fromHelp/index.ts';
export { definitionFromCommand, readMcpConfig } from '../../core/tools/mcpConfig/index.ts';
export { toolVariableRequest } from '../../core/tools/variables.ts';
export { analyseWorkflow } from '../../core/workflows/analysis.ts';
export { nameProblem } from '../../core/workflows/analysisNames.ts';
export { workflowFromCode, workflowTemplate } from '../../core/workflows/fromCode.ts';
export { openFile } from '../files/openFile.ts';
export { readForm } from '../forms/fieldValue.ts';
export { FormMessageSchema } from '../forms/formMessage.ts';
export {
  isEnvironmentsExtensionApi,
  isPythonExtensionApi,
  readEach,
  readEnvironmentsExtensionEnvironment,
  readPythonExtensionEnvironment,
} from '../interpreter/knownEnvironment.ts';
export { offerInterpreters } from '../interpreter/offeredInterpreters.ts';
export { assertWritable, resolveBaseFolder } from '../settings/baseFolder.ts';
export { DEPS_SETTINGS, parseDepsSettings } from '../settings/deps.ts';
export { parseBaseFolder, parseSessionSettings, parseTimeout } from '../settings/schema.ts';
export {
  EMBEDDINGS_SETTINGS,
  parseEmbeddingsSettings,
  parseStorageSettings,
  STORAGE_SETTINGS,
} from '../settings/storage.ts';
export { parseToolsSettings, TOOLS_SETTINGS } from '../settings/tools.ts';
export { resolveStubFolder, syncStubs } from '../stubs/stubFolder.ts';
export { exportArtifact, importArtifact } from '../views/artifacts/transfer.ts';
export { choicesOf } from '../views/deps/packageChoices.ts';
export { readTyped } from '../views/deps/typedPackages.ts';
export { placeOfCallable } from '../views/tools/definitionPlace.ts';
export { TOOL_TEMPLATES } from '../views/tools/templates.ts';
