import { z } from 'zod';
import type {
  DependencyReport,
  InstallResult,
  PackageOffer,
  RemoveResult,
} from '../../contract/dependencies.ts';
import { notification, request } from './definitions.ts';

const FailuresSchema = z.array(z.object({ package: z.string(), reason: z.string() }));

const InstallResultSchema = z.object({
  installed: z.array(z.string()),
  alreadyPresent: z.array(z.string()),
  failed: FailuresSchema,
}) satisfies z.ZodType<InstallResult>;

const UninstallResultSchema = z.object({
  removed: z.array(z.string()),
  notFound: z.array(z.string()),
  failed: FailuresSchema,
});

const RemoveResultSchema = UninstallResultSchema.extend({
  removedFromConfig: z.boolean(),
}) satisfies z.ZodType<RemoveResult>;

const DependencyReportSchema = z.object({
  environment: z.object({
    label: z.string(),
    folder: z.string().nullable(),
    installer: z.string().nullable(),
    problem: z.string().nullable(),
  }),
  configured: z.array(
    z.object({
      name: z.string(),
      spec: z.string(),
      source: z.enum(['requirements.txt', 'redis', 'settings', 'pyproject.toml']),
      file: z.string().nullable(),
      line: z.number().nullable(),
      state: z.enum(['satisfied', 'missing', 'mismatch', 'unknown']),
      installedVersion: z.string().nullable(),
    }),
  ),
  installed: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      version: z.string(),
      summary: z.string(),
      requires: z.array(z.string()),
      installer: z.string().nullable(),
      origin: z.string().nullable(),
    }),
  ),
  allowsRuntimeChanges: z.boolean(),
}) satisfies z.ZodType<DependencyReport>;

const PackageOfferSchema = z.object({
  name: z.string(),
  versions: z.array(z.string()),
  problem: z.string().nullable(),
}) satisfies z.ZodType<PackageOffer>;

const OfSession = z.object({ session: z.string() });
/** The client names the change; what is told of its progress has that name. */
const ChangeSchema = OfSession.extend({ change: z.string().min(1).max(100) });
const NamesSchema = ChangeSchema.extend({ names: z.array(z.string()) });

/** What a client asks of the packages of a session. */
export const ToDependencies = {
  report: request('deps/report', OfSession, DependencyReportSchema),
  list: request('deps/list', OfSession, z.array(z.string())),
  add: request('deps/add', NamesSchema, InstallResultSchema),
  remove: request('deps/remove', NamesSchema, RemoveResultSchema),
  install: request('deps/install', NamesSchema, InstallResultSchema),
  uninstall: request('deps/uninstall', NamesSchema, UninstallResultSchema),
  upgrade: request('deps/upgrade', NamesSchema, InstallResultSchema),
  sync: request('deps/sync', ChangeSchema, InstallResultSchema),
  newest: request('deps/newest', OfSession, z.record(z.string(), z.string())),
  lookUp: request('deps/lookUp', OfSession.extend({ name: z.string() }), PackageOfferSchema.nullable()),
} as const;

/** What a client is told of the packages of a session. */
export const ToldOfDependencies = {
  changed: notification('deps/changed', OfSession),
  /** To the one who wants the change. */
  progress: notification('deps/progress', z.object({ change: z.string(), line: z.string() })),
} as const;
