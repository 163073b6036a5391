import * as vscode from 'vscode';
import type { ArtifactInfo } from '../../core/contract/storage.ts';
import type { WorkflowSummary } from '../../core/workflows/library.ts';
import { isLive } from '../notebook/liveLanguage.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';
import { artifactDetails } from '../views/artifacts/artifactRow.ts';
import { tooltipMarkdown } from '../views/markdown.ts';
import { parameterText, problemOf, signatureOf, workflowMarkdown } from '../views/workflows/workflowRow.ts';
import type { StoreCatalog } from './storeCatalog.ts';
import { type StorePlace, storePlace } from './storePlace.ts';

/** Files, cells of notebooks, the Interactive Window with its input box. */
const SELECTOR: vscode.DocumentSelector = { language: 'python' };
const WORKFLOW = /(?<![\p{L}\p{N}_.])workflows\s*\.\s*[\p{L}_][\p{L}\p{N}_]*/u;
const ARTIFACT =
  /(?<![\p{L}\p{N}_.])artifacts\s*\.\s*(?:load|open|get|exists|delete|path)\s*\(\s*(?:"[^"\\]*"|'[^'\\]*')/u;
const KINDS = vscode.CompletionItemKind;

/** What {@link registerStoreLanguage} works with. */
export interface StoreLanguageServices {
  readonly catalog: StoreCatalog;
  readonly sessions: WorkspaceSessions;
}

/**
 * Completion, hovers and signatures for what the store holds: `workflows.NAME(…)` and `artifacts.load("…")`, with
 * or without a session. Names that a live session completes are left to it.
 */
export function registerStoreLanguage({ catalog, sessions }: StoreLanguageServices): vscode.Disposable {
  const language = new StoreLanguage(catalog, sessions);
  return vscode.Disposable.from(
    vscode.languages.registerCompletionItemProvider(SELECTOR, language, '.', '"', "'", '/'),
    vscode.languages.registerHoverProvider(SELECTOR, language),
    vscode.languages.registerSignatureHelpProvider(SELECTOR, language, '(', ','),
  );
}

/** An artifact's completion, which is told more of when it is looked at. */
class ArtifactItem extends vscode.CompletionItem {
  readonly artifact: ArtifactInfo;

  constructor(artifact: ArtifactInfo) {
    super(artifact.name, KINDS.File);
    this.artifact = artifact;
  }
}

class StoreLanguage
  implements vscode.CompletionItemProvider, vscode.HoverProvider, vscode.SignatureHelpProvider
{
  readonly #catalog: StoreCatalog;
  readonly #sessions: WorkspaceSessions;

  constructor(catalog: StoreCatalog, sessions: WorkspaceSessions) {
    this.#catalog = catalog;
    this.#sessions = sessions;
  }

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.CompletionItem[] | undefined> {
    const place = placeAt(document, position);
    if (!place) return undefined;
    const range = new vscode.Range(document.positionAt(place.start), position);
    if (place.kind === 'artifact') return this.#artifacts(place.quote, range);
    if (place.kind === 'argument') return this.#arguments(place, range);
    if (isLive(this.#sessions, document)) return undefined;
    return [...(await this.#catalog.workflows()).values()].map((workflow) => workflowItem(workflow, range));
  }

  async resolveCompletionItem(item: vscode.CompletionItem): Promise<vscode.CompletionItem> {
    if (item instanceof ArtifactItem) item.documentation = await this.#artifactMarkdown(item.artifact);
    return item;
  }

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.Hover | undefined> {
    const range = document.getWordRangeAtPosition(position, ARTIFACT);
    if (range) return this.#artifactHover(document, position, range);
    const name = document.getWordRangeAtPosition(position);
    const dotted = document.getWordRangeAtPosition(position, WORKFLOW);
    // On the name alone: `workflows` itself is another thing.
    if (!name || !dotted?.end.isEqual(name.end) || isLive(this.#sessions, document)) return undefined;
    const workflow = (await this.#catalog.workflows()).get(document.getText(name).normalize('NFKC'));
    return workflow && new vscode.Hover(markdown(workflowMarkdown(workflow)), name);
  }

  async provideSignatureHelp(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.SignatureHelp | undefined> {
    const place = placeAt(document, position);
    if (place?.kind !== 'argument') return undefined;
    const workflow = (await this.#catalog.workflows()).get(place.workflow.normalize('NFKC'));
    return workflow && signatureHelp(workflow, place);
  }

  async #artifacts(quote: string, range: vscode.Range): Promise<vscode.CompletionItem[]> {
    return [...(await this.#catalog.artifacts()).values()].map((artifact) => {
      const item = new ArtifactItem(artifact);
      item.detail = artifact.description;
      item.range = range;
      item.insertText = written(artifact.name, quote);
      item.filterText = item.insertText;
      return item;
    });
  }

  async #arguments(
    { workflow, given, isStart }: Extract<StorePlace, { kind: 'argument' }>,
    range: vscode.Range,
  ): Promise<vscode.CompletionItem[]> {
    const found = isStart ? (await this.#catalog.workflows()).get(workflow.normalize('NFKC')) : undefined;
    return (found?.parameters ?? [])
      .filter(({ name }) => !given.includes(name))
      .map((parameter, index) => {
        const label = { label: `${parameter.name}=`, description: parameterText(parameter) };
        const item = new vscode.CompletionItem(label, KINDS.Variable);
        item.documentation = parameter.description;
        item.range = range;
        // Before whatever else could stand there, in the order of the signature.
        item.sortText = `\u0000${String(index).padStart(3, '0')}`;
        return item;
      });
  }

  async #artifactHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    range: vscode.Range,
  ): Promise<vscode.Hover | undefined> {
    const literal = /(["'])(.*)\1$/u.exec(document.getText(range))?.[0] ?? '';
    const start = document.positionAt(document.offsetAt(range.end) - literal.length);
    if (position.isBefore(start)) return undefined;
    const artifact = (await this.#catalog.artifacts()).get(literal.slice(1, -1));
    if (!artifact) return undefined;
    return new vscode.Hover(await this.#artifactMarkdown(artifact), new vscode.Range(start, range.end));
  }

  async #artifactMarkdown(info: ArtifactInfo): Promise<vscode.MarkdownString> {
    const size = await this.#catalog.sizeOf(info.name);
    return markdown(tooltipMarkdown(info.name, artifactDetails({ info, size, now: Date.now() }, undefined)));
  }
}

function placeAt(document: vscode.TextDocument, position: vscode.Position): StorePlace | undefined {
  return storePlace(
    document.getText(new vscode.Range(new vscode.Position(0, 0), position)).replaceAll('\r', ' '),
  );
}

function workflowItem(workflow: WorkflowSummary, range: vscode.Range): vscode.CompletionItem {
  const signature = signatureOf(workflow).slice(workflow.name.length);
  const label = { label: workflow.name, detail: signature, description: workflow.description };
  const item = new vscode.CompletionItem(label, KINDS.Function);
  item.range = range;
  item.documentation = markdown(workflowMarkdown(workflow));
  if (problemOf(workflow) !== undefined) item.tags = [vscode.CompletionItemTag.Deprecated];
  return item;
}

function signatureHelp(
  workflow: WorkflowSummary,
  { name, given }: Extract<StorePlace, { kind: 'argument' }>,
): vscode.SignatureHelp {
  const { parameters } = workflow;
  const help = new vscode.SignatureHelp();
  const signature = new vscode.SignatureInformation(signatureOf(workflow), workflow.description);
  signature.parameters = parameters.map(
    (parameter) => new vscode.ParameterInformation(parameterText(parameter), parameter.description),
  );
  help.signatures = [signature];
  const named = parameters.findIndex((parameter) => parameter.name === name);
  // Arguments have names: without one, the next that is not given yet.
  const next = parameters.findIndex((parameter) => !given.includes(parameter.name));
  help.activeParameter = Math.max(0, named < 0 ? next : named);
  return help;
}

/** A name as it stands between quotes. */
function written(name: string, quote: string): string {
  return name.replaceAll('\\', '\\\\').replaceAll(quote[0] ?? '"', (mark) => `\\${mark}`);
}

function markdown(text: string): vscode.MarkdownString {
  return new vscode.MarkdownString(text, true);
}
