import path from 'node:path';
import type * as vscode from 'vscode';
import { z } from 'zod';

/** A Python that another extension knows of. */
export interface KnownEnvironment {
  /** Absolute path of the interpreter. */
  readonly executable: string;
  /** Python's `sys.prefix`, where it is known. */
  readonly prefix: string | undefined;
  /** For people; empty where it has none. */
  readonly name: string;
  /** Such as `3.12.4`; empty where it is not known. */
  readonly version: string;
}

/** What is used of the Python extension (`ms-python.python`). What its calls give is unchecked. */
export interface PythonExtensionApi {
  readonly environments: {
    readonly known: unknown;
    getActiveEnvironmentPath(resource?: vscode.Uri): unknown;
    resolveEnvironment(environment: unknown): Promise<unknown>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

/** What is used of the Python Environments extension (`ms-python.vscode-python-envs`), as above. */
export interface EnvironmentsExtensionApi {
  getEnvironment(scope: vscode.Uri | undefined): Promise<unknown>;
  getEnvironments(scope: 'all'): Promise<unknown>;
  readonly onDidChangeEnvironment: vscode.Event<unknown>;
}

const FunctionSchema = z.custom((value) => typeof value === 'function');

const PythonExtensionApiSchema = z.object({
  environments: z.object({
    getActiveEnvironmentPath: FunctionSchema,
    resolveEnvironment: FunctionSchema,
    onDidChangeActiveEnvironmentPath: FunctionSchema,
  }),
});

const EnvironmentsExtensionApiSchema = z.object({
  getEnvironment: FunctionSchema,
  getEnvironments: FunctionSchema,
  onDidChangeEnvironment: FunctionSchema,
});

/** Whether what the Python extension exports can be used. */
export function isPythonExtensionApi(value: unknown): value is PythonExtensionApi {
  return PythonExtensionApiSchema.safeParse(value).success;
}

/** Whether what the Python Environments extension exports can be used: switched off, it exports nothing. */
export function isEnvironmentsExtensionApi(value: unknown): value is EnvironmentsExtensionApi {
  return EnvironmentsExtensionApiSchema.safeParse(value).success;
}

const ExecutableSchema = z.string().refine((file) => path.isAbsolute(file));

/** An address, where it is one on a disk. */
const FileSchema = z
  .object({ scheme: z.literal('file'), fsPath: ExecutableSchema })
  .transform(({ fsPath }) => fsPath);

const PythonExtensionEnvironmentSchema = z
  .object({
    executable: z.object({ uri: FileSchema, sysPrefix: z.string().optional().catch(undefined) }),
    environment: z
      .object({ name: z.string().catch('') })
      .optional()
      .catch(undefined),
    version: z
      .object({ major: z.number(), minor: z.number(), micro: z.number().catch(0) })
      .optional()
      .catch(undefined),
  })
  .transform(
    ({ executable, environment, version }): KnownEnvironment => ({
      executable: executable.uri,
      prefix: executable.sysPrefix || undefined,
      name: environment?.name ?? '',
      version: version ? `${version.major}.${version.minor}.${version.micro}` : '',
    }),
  );

const EnvironmentsExtensionEnvironmentSchema = z
  .object({
    name: z.string().catch(''),
    version: z.string().catch(''),
    sysPrefix: z.string().optional().catch(undefined),
    execInfo: z.object({ run: z.object({ executable: ExecutableSchema }) }),
  })
  .transform(
    ({ name, version, sysPrefix, execInfo }): KnownEnvironment => ({
      executable: execInfo.run.executable,
      prefix: sysPrefix || undefined,
      name,
      // It may go on with the release level.
      version: /^\d+\.\d+(?:\.\d+)?/u.exec(version)?.[0] ?? '',
    }),
  );

/** Reads an `Environment` of the Python extension; undefined for one that can't be run, and for anything else. */
export function readPythonExtensionEnvironment(value: unknown): KnownEnvironment | undefined {
  return PythonExtensionEnvironmentSchema.safeParse(value).data;
}

/** Reads a `PythonEnvironment` of the Python Environments extension, as above. */
export function readEnvironmentsExtensionEnvironment(value: unknown): KnownEnvironment | undefined {
  return EnvironmentsExtensionEnvironmentSchema.safeParse(value).data;
}

/** Reads a list of such environments; what can't be read is left out. */
export function readEach(
  list: unknown,
  read: (value: unknown) => KnownEnvironment | undefined,
): readonly KnownEnvironment[] {
  return Array.isArray(list) ? list.map(read).filter((found) => found !== undefined) : [];
}
