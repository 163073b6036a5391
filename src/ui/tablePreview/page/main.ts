/**
 * Shows a table in a web view: it keeps the rows around those in sight, and asks the extension for the others. A
 * bundle of its own.
 */
import type { PageMessage, PageRequest } from '../messages.ts';
import { RowCache } from './rowCache.ts';
import { TableView } from './tableView.ts';

interface Host {
  postMessage(request: PageRequest): void;
  getState(): { readonly top: number } | undefined;
  setState(state: { readonly top: number }): void;
}

declare function acquireVsCodeApi(): Host;

const host = acquireVsCodeApi();
const name = document.body.dataset.name ?? '';
let version: number | undefined;
/** The row that was on top before the page was hidden, until it can be shown. */
let wanted = host.getState()?.top ?? 0;

const cache = new RowCache((from, count) => {
  if (version !== undefined) host.postMessage({ type: 'rows', version, from, count });
});
const view = new TableView({
  name,
  rowAt: (row) => cache.get(row),
  onWindow: (from, count) => cache.want(from, count),
  onTop: (top) => {
    if (wanted === 0) host.setState({ top });
  },
  onOpenAsText: () => host.postMessage({ type: 'openAsText' }),
  onRetry: () => host.postMessage({ type: 'load' }),
});

window.addEventListener('message', ({ data }: MessageEvent<PageMessage>) => {
  switch (data.type) {
    case 'table':
      if (version !== undefined) wanted = view.top;
      version = data.version;
      cache.clear();
      view.show(data.columns, data.extent);
      goToWanted(data.extent);
      break;
    case 'rows':
      if (data.version !== version) return;
      cache.put(data.from, data.rows);
      view.show(data.columns, data.extent);
      goToWanted(data.extent);
      break;
    case 'failed':
      version = undefined;
      cache.clear();
      view.fail(data.message, data.hint);
      break;
  }
});

/** Shows the row that was on top before, as soon as it is known; asks for what leads there. */
function goToWanted(extent: { readonly rows: number; readonly isAll: boolean }): void {
  if (wanted === 0) return;
  if (wanted > extent.rows && !extent.isAll) {
    cache.want(Math.floor(wanted), 1);
    return;
  }
  const top = wanted;
  wanted = 0;
  view.goTo(top);
}

host.postMessage({ type: 'load' });
