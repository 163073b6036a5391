import path from 'node:path';
import * as vscode from 'vscode';
import { EditorRuns } from './ui/commands/editorRuns.ts';
import { OutputSurface } from './ui/commands/outputSurface.ts';
import { registerCommands } from './ui/commands/registerCommands.ts';
import { registerToolSecrets } from './ui/commands/toolSecrets.ts';
import { CellContext } from './ui/editor/cellContext.ts';
import { CellLenses } from './ui/editor/cellLenses.ts';
import { InlineValues } from './ui/editor/inlineValues.ts';
import { RequirementsDiagnostics } from './ui/editor/requirementsDiagnostics.ts';
import { StoreCatalog } from './ui/editor/storeCatalog.ts';
import { registerStoreLanguage } from './ui/editor/storeLanguage.ts';
import { ToolDiagnostics } from './ui/editor/toolDiagnostics.ts';
import { registerToolLanguage } from './ui/editor/toolLanguage.ts';
import { WorkflowDiagnostics } from './ui/editor/workflowDiagnostics.ts';
import { registerWorkflowFixes } from './ui/editor/workflowFixes.ts';
import { ParameterForms } from './ui/forms/parameterForms.ts';
import { InteractiveWindow } from './ui/interactive/interactiveWindow.ts';
import { ChosenEnvironment } from './ui/interpreter/chosenEnvironment.ts';
import { PythonExtensions } from './ui/interpreter/pythonExtensions.ts';
import { registerCellInstallItems } from './ui/missing/cellInstallItems.ts';
import { followCells, followPiece } from './ui/missing/followRuns.ts';
import { registerImportDiagnostics } from './ui/missing/importDiagnostics.ts';
import { registerInstallAndRunAgain } from './ui/missing/installAndRunAgain.ts';
import { MissingImports } from './ui/missing/missingImports.ts';
import { JUPYTER_NOTEBOOK, Notebooks } from './ui/notebook/notebooks.ts';
import { DisplayRegistry } from './ui/outputs/displayRegistry.ts';
import { WholeOutputs } from './ui/outputs/wholeOutputs.ts';
import { Secrets } from './ui/secrets.ts';
import { PreparationNotices } from './ui/sessions/preparationNotices.ts';
import { SessionActions } from './ui/sessions/sessionActions.ts';
import { SessionContainers } from './ui/sessions/sessionContainers.ts';
import { WorkspaceSessions } from './ui/sessions/workspaceSessions.ts';
import { ExecutorSettings } from './ui/settings/executorSettings.ts';
import { SessionContext } from './ui/status/sessionContext.ts';
import { registerSessionMenu } from './ui/status/sessionMenu.ts';
import { SessionStatus } from './ui/status/sessionStatus.ts';
import { StoreFileSystem } from './ui/store/storeFileSystem.ts';
import { WorkspaceDependencies } from './ui/store/workspaceDependencies.ts';
import { WorkspaceStore } from './ui/store/workspaceStore.ts';
import { WorkspaceTools } from './ui/store/workspaceTools.ts';
import { WorkspaceStubs } from './ui/stubs/workspaceStubs.ts';
import { TableEditor } from './ui/tablePreview/tableEditor.ts';
import { offerCommandLine } from './ui/terminal/commandLine.ts';
import { type CodeModeApi, createApi } from './ui/tools/extensionApi.ts';
import { ProvidedTools } from './ui/tools/providedTools.ts';
import { ArtifactDragAndDrop } from './ui/views/artifacts/artifactDragAndDrop.ts';
import { ArtifactsView } from './ui/views/artifacts/artifactsView.ts';
import { registerArtifactsViewCommands } from './ui/views/artifacts/artifactsViewCommands.ts';
import { ContainerView } from './ui/views/container/containerView.ts';
import { registerContainerCommands } from './ui/views/container/containerViewCommands.ts';
import { DepsView } from './ui/views/deps/depsView.ts';
import { registerDepsCommands } from './ui/views/deps/depsViewCommands.ts';
import { FollowedLogs } from './ui/views/followedLogs.ts';
import { RunsView } from './ui/views/runs/runsView.ts';
import { SessionsView } from './ui/views/sessions/sessionsView.ts';
import { KnownServers } from './ui/views/tools/knownServers.ts';
import { StoredDefinitions } from './ui/views/tools/storedDefinitions.ts';
import { ToolsView } from './ui/views/tools/toolsView.ts';
import { registerToolCommands } from './ui/views/tools/toolsViewCommands.ts';
import { WorkflowsView } from './ui/views/workflows/workflowsView.ts';
import { registerWorkflowCommands } from './ui/views/workflows/workflowsViewCommands.ts';

let sessions: WorkspaceSessions | undefined;
let cells: vscode.Disposable | undefined;

/** What the extension shows to its own tests. */
export interface ExtensionInternals {
  /** Milliseconds of the processor that `activate` took: other programs don't lengthen them. */
  readonly activationMs: number;
  readonly artifactsView: ArtifactsView;
  readonly containers: SessionContainers;
  readonly containerView: ContainerView;
  readonly dependencies: WorkspaceDependencies;
  readonly depsView: DepsView;
  readonly imports: MissingImports;
  readonly inlineValues: InlineValues;
  readonly interactiveWindow: InteractiveWindow;
  readonly notebooks: Notebooks;
  readonly runsView: RunsView;
  readonly sessions: WorkspaceSessions;
  readonly sessionsView: SessionsView;
  readonly status: SessionStatus;
  readonly store: WorkspaceStore;
  readonly tools: WorkspaceTools;
  readonly toolsView: ToolsView;
  readonly workflowsView: WorkflowsView;
}

/** Builds the object graph; whatever is heavy is loaded when it is first used. */
export function activate(context: vscode.ExtensionContext): CodeModeApi & Partial<ExtensionInternals> {
  const start = process.cpuUsage();
  const log = vscode.window.createOutputChannel('Python Code Mode', { log: true });

  const pythonExtensions = new PythonExtensions(log);
  const executorSettings = new ExecutorSettings(context.extension.packageJSON, {
    subprocess: new ChosenEnvironment(pythonExtensions),
  });
  const secrets = new Secrets(context.secrets);
  const providedTools = new ProvidedTools(log);
  sessions = new WorkspaceSessions({
    distFolder: path.join(context.extensionPath, 'dist'),
    version: String(context.extension.packageJSON.version),
    log,
    executorSettings,
    secrets,
    providedTools,
    state: context.workspaceState,
  });
  const store = new WorkspaceStore({ secrets, log });
  const tools = new WorkspaceTools({ sessions, secrets, log });
  const dependencies = new WorkspaceDependencies({ sessions, log });
  const wholes = new WholeOutputs();
  const displays = new DisplayRegistry();
  const notebooks = new Notebooks({ sessions, wholes, displays, state: context.workspaceState, log });
  const interactiveWindow = new InteractiveWindow({
    extensionId: context.extension.id,
    sessions,
    wholes,
    displays,
    state: context.workspaceState,
    log,
  });
  cells = vscode.Disposable.from(notebooks, interactiveWindow);
  const inlineValues = new InlineValues();
  const output = new OutputSurface(sessions, log);
  const imports = new MissingImports();
  const installs = { imports, sessions, log };
  const runs: EditorRuns = new EditorRuns({
    sessions,
    inlineValues,
    surface: () =>
      vscode.workspace.getConfiguration('codeMode').get('interactiveWindow.enabled') === false
        ? output
        : interactiveWindow,
    onDidRun: (piece, result) => {
      followPiece(piece, result, { ...installs, runs }).catch((error) =>
        log.error('A failed import was not looked at.', error),
      );
    },
    log,
  });
  const status = new SessionStatus(sessions, runs, executorSettings);
  const actions = new SessionActions({ sessions, runs, log });
  const sessionsView = new SessionsView({ sessions, actions, log });
  const containers = new SessionContainers(sessions, log);
  const containerView = new ContainerView(containers);
  const containerLogs = new FollowedLogs({
    scheme: 'code-mode-container-log',
    read: async (id) => (await sessions?.byId(id)?.container?.log()) ?? '',
    empty: 'Nothing has happened yet.',
  });
  const runsView = new RunsView({ sessions, log });
  const artifactsView = new ArtifactsView({
    store,
    log,
    dragAndDrop: (view) => new ArtifactDragAndDrop({ store, view, log }),
  });
  const forms = new ParameterForms(vscode.Uri.joinPath(context.extensionUri, 'dist'));
  const knownServers = new KnownServers();
  const toolsView = new ToolsView({ tools, store, known: knownServers, log });
  const serverLogs = new FollowedLogs({
    scheme: 'code-mode-tool-log',
    read: (tool) => tools.log(tool),
    empty: 'The server has not said anything yet.',
  });
  const workflowsView = new WorkflowsView({ store, log });
  const depsView = new DepsView({ dependencies, log });
  const catalog = new StoreCatalog(store);
  context.subscriptions.push(
    log,
    pythonExtensions,
    sessions,
    providedTools,
    store,
    tools,
    dependencies,
    registerToolSecrets(secrets, tools, log),
    wholes,
    notebooks,
    interactiveWindow,
    inlineValues,
    output,
    runs,
    imports,
    followCells(notebooks.kernel, { ...installs, hasCellItems: true }),
    followCells(interactiveWindow.kernel, { ...installs, hasCellItems: false }),
    registerImportDiagnostics(imports),
    registerCellInstallItems(imports, JUPYTER_NOTEBOOK),
    registerInstallAndRunAgain(installs),
    status,
    sessionsView,
    containers,
    containerView,
    containerLogs,
    registerContainerCommands({ sessions, containers, actions, logs: containerLogs, log }),
    new PreparationNotices({ sessions, containers, log }),
    runsView,
    artifactsView,
    registerArtifactsViewCommands({ store, view: artifactsView, log }),
    depsView,
    registerDepsCommands({ dependencies, tools, sessions, secrets, view: depsView, log }),
    new StoreFileSystem(store),
    TableEditor.register({ store, distFolder: path.join(context.extensionPath, 'dist'), log }),
    forms,
    knownServers,
    toolsView,
    serverLogs,
    new StoredDefinitions(tools),
    registerToolCommands({ tools, known: knownServers, logs: serverLogs, runs, forms, view: toolsView, log }),
    new RequirementsDiagnostics({ dependencies, log }),
    new ToolDiagnostics({ tools, log }),
    registerToolLanguage(tools),
    workflowsView,
    catalog,
    registerStoreLanguage({ catalog, sessions }),
    new WorkflowDiagnostics({ store, log }),
    registerWorkflowFixes(),
    registerWorkflowCommands({ store, sessions, runs, forms, view: workflowsView, log }),
    new WorkspaceStubs({ store, tools, state: context.workspaceState, log }),
    new SessionContext(sessions),
    new CellContext(),
    CellLenses.register(),
    registerSessionMenu(sessions, status),
    registerCommands({ sessions, store, secrets, runs, actions, interactiveWindow, pythonExtensions, log }),
    sessions.onDidClear((session) => {
      if (session === sessions?.current()) inlineValues.clear();
    }),
  );

  offerCommandLine(context);
  sessions.comeBack();

  const { user, system } = process.cpuUsage(start);
  const activationMs = (user + system) / 1000;
  log.info(`Activated in ${activationMs.toFixed(1)} ms.`);
  const isTest = context.extensionMode === vscode.ExtensionMode.Test;
  const api = createApi(providedTools, log);
  return isTest
    ? {
        ...api,
        activationMs,
        artifactsView,
        containers,
        containerView,
        dependencies,
        depsView,
        imports,
        inlineValues,
        interactiveWindow,
        notebooks,
        runsView,
        sessions,
        sessionsView,
        status,
        store,
        tools,
        toolsView,
        workflowsView,
      }
    : api;
}

/** Lets go of the sessions, which live on in their host, and ends those of this process, before it goes away. */
export async function deactivate(): Promise<void> {
  // Before that, so that no cell takes its session for lost.
  cells?.dispose();
  await sessions?.close();
  sessions = undefined;
}
