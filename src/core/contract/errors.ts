import { z } from 'zod';

/** Every code that a {@link CodeModeError} can carry; part of the public interface, so never renamed. */
export const ErrorCodeSchema = z.enum([
  'usage',
  'settings',
  'file',
  'storage',
  'storage-access',
  'not-found',
  'closed',
  'start-failed',
  'python-died',
  'protocol',
  'unsupported',
  'runtime-deps-disabled',
  'install-failed',
  'untrusted',
  'tool-arguments',
  'tool-failed',
  'tool-refused',
  'cancelled',
  'other-version',
  'host-lost',
]);
export type ErrorCode = z.infer<typeof ErrorCodeSchema>;

/**
 * The root of all errors that this extension raises on purpose.
 *
 * `message` says what happened in words for a person, `hint` what to do next, `cause` keeps the original.
 */
export class CodeModeError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
  }

  /** Whether `error` is one of ours, optionally with this code. */
  static is(error: unknown, code?: ErrorCode): error is CodeModeError {
    return error instanceof CodeModeError && (code === undefined || error.code === code);
  }

  /** The message and, on a line of its own, what to do next. */
  static describe(error: unknown): string {
    if (!(error instanceof Error)) return String(error);
    return CodeModeError.is(error) && error.hint ? `${error.message}\n${error.hint}` : error.message;
  }
}

/** The command line or a call was used wrongly; nothing was started. */
export class UsageError extends CodeModeError {
  constructor(message: string, hint?: string) {
    super('usage', message, hint === undefined ? {} : { hint });
  }
}

/** A setting has a value that cannot be used. */
export class SettingsError extends CodeModeError {
  constructor(message: string, hint?: string) {
    super('settings', message, hint === undefined ? {} : { hint });
  }
}

/** The session or executor was used after `close()`. */
export class ClosedError extends CodeModeError {
  constructor(what: string) {
    super('closed', `${what} is closed.`, { hint: 'Start a new session to run code again.' });
  }
}

/** The executor does not keep the capability that a call needs (seed: `NotImplementedError`). */
export class UnsupportedError extends CodeModeError {
  constructor(message: string, hint?: string) {
    super('unsupported', message, hint === undefined ? {} : { hint });
  }
}

/** The code asked a person something, and there is nobody to answer. */
export class NobodyAnswersError extends UnsupportedError {
  constructor() {
    super(
      'input() was called, but nobody is there to answer it.',
      'Run the code where a person can type: in the editor, a notebook or a terminal.',
    );
  }
}

/** Runtime changes of dependencies are switched off (seed: `RuntimeDepsDisabledError`). */
export class RuntimeDepsDisabledError extends CodeModeError {
  constructor() {
    super('runtime-deps-disabled', 'Adding and removing packages at run time is switched off.', {
      hint: 'Packages that are already configured can still be listed and synced.',
    });
  }
}

/** An installer could not install or remove packages (in Python: a `RuntimeError`); what it left is said. */
export class InstallError extends CodeModeError {
  constructor(reason: string, options: { hint?: string; cause?: unknown } = {}) {
    super('install-failed', reason, options);
  }
}

/**
 * An access descriptor was handed to `start()` in place of a storage backend (seed: the `TypeError` of
 * `validate_storage_not_access`, with its wording).
 */
export class StorageAccessError extends CodeModeError {
  constructor(executorName: string, typeName: string) {
    super(
      'storage-access',
      `${executorName}.start() accepts StorageBackend, not ${typeName}. Pass the storage backend directly.`,
    );
    this.name = 'TypeError';
  }
}

/** A tool was called with arguments that it does not take (in Python: a `TypeError`). The tool was not called. */
export class ToolArgumentsError extends CodeModeError {
  constructor(message: string, hint?: string) {
    super('tool-arguments', message, hint === undefined ? {} : { hint });
  }
}

/** A tool was called and failed: a program's exit code, a server's error, a status of 400 or more, a timeout. */
export class ToolFailedError extends CodeModeError {
  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super('tool-failed', message, options);
  }
}

/** A tool was not called, since a person or a rule said no (in Python: a `PermissionError`). */
export class ToolRefusedError extends CodeModeError {
  constructor(message: string, hint?: string) {
    super('tool-refused', message, hint === undefined ? {} : { hint });
  }
}

/** A tool needs a person's approval, and there is nobody to give it. */
export class NobodyApprovesError extends ToolRefusedError {
  constructor(tool: string) {
    super(
      `The tool "${tool}" needs a person's approval, and nobody is there to give it.`,
      'Open the folder in VS Code, where the question is shown, or allow the tool there: Tools view, Always Allow.',
    );
  }
}
