import * as vscode from 'vscode';
import type { ErrorRecord, OutputRecord } from './outputModel.ts';
import { colorNotice, colorTraceback } from './traceback.ts';
import { CUT_MIME, type CutMark } from './wholeOutputs.ts';

/**
 * The cell output for a record. Its metadata is what the built-in `.ipynb` serializer reads, so that a saved
 * notebook has `stream`, `display_data`, `execute_result` and `error` outputs as Jupyter writes them.
 */
export function toCellOutput(record: OutputRecord): vscode.NotebookCellOutput {
  return new vscode.NotebookCellOutput(toItems(record), metadataOf(record));
}

/** The items of the cell output for a record. */
export function toItems(record: OutputRecord): vscode.NotebookCellOutputItem[] {
  switch (record.kind) {
    case 'stream':
      return [streamItem(record.stream, record.text)];
    case 'display':
      return record.items.map(({ mime, data }) =>
        typeof data === 'string'
          ? vscode.NotebookCellOutputItem.text(data, mime)
          : new vscode.NotebookCellOutputItem(data, mime),
      );
    case 'error':
      return [
        vscode.NotebookCellOutputItem.error({
          name: record.error.type,
          message: record.error.message,
          stack: stackOf(record),
        }),
      ];
    case 'cut': {
      const mark: CutMark = {
        id: record.whole.id,
        characters: record.whole.length,
        lines: record.whole.lines,
        omittedDisplays: record.omittedDisplays,
        complete: record.complete,
      };
      return [
        vscode.NotebookCellOutputItem.json(mark, CUT_MIME),
        // For other programs that open the saved notebook.
        vscode.NotebookCellOutputItem.text('… Output cut here.', 'text/plain'),
      ];
    }
  }
}

/** Printed text as an item that can be added to a stream output. */
export function streamItem(stream: 'stdout' | 'stderr', text: string): vscode.NotebookCellOutputItem {
  return stream === 'stdout'
    ? vscode.NotebookCellOutputItem.stdout(text)
    : vscode.NotebookCellOutputItem.stderr(text);
}

function metadataOf(record: OutputRecord): Record<string, unknown> {
  switch (record.kind) {
    case 'stream':
      return { outputType: 'stream' };
    case 'display':
      return {
        outputType: record.isValue ? 'execute_result' : 'display_data',
        metadata: record.metadata,
        ...(record.isValue && record.executionCount !== undefined
          ? { executionCount: record.executionCount }
          : {}),
        ...(record.displayId === undefined ? {} : { transient: { display_id: record.displayId } }),
      };
    case 'error': {
      const { type, message } = record.error;
      const originalError = {
        output_type: 'error',
        ename: type,
        evalue: message,
        traceback: stackOf(record).split('\n'),
      };
      return { outputType: 'error', originalError };
    }
    case 'cut':
      return { outputType: 'display_data', metadata: {} };
  }
}

function stackOf({ error, notice }: ErrorRecord): string {
  const stack = colorTraceback(error.traceback);
  return notice === undefined ? stack : `${stack}\n\n${colorNotice(notice)}`;
}
