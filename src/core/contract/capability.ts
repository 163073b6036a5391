/**
 * What an executor can promise. The names are the Python project's (seed: `Capability`).
 *
 * A capability is listed by an executor only where its own start-up check has shown that this machine
 * keeps it; `code-mode capabilities --verify` runs a probe for each.
 */
export const Capability = {
  /** A run that exceeds its time is stopped, not abandoned. */
  TIMEOUT: 'timeout',
  /** Python runs in a process of its own: its crash ends a run, not the host. */
  PROCESS_ISOLATION: 'process_isolation',
  /** No packet leaves. */
  NETWORK_ISOLATION: 'network_isolation',
  /** Only domains on an allow-list can be reached. */
  NETWORK_FILTERING: 'network_filtering',
  /** Files outside the allowed folders can be neither read nor written. */
  FILESYSTEM_ISOLATION: 'filesystem_isolation',
  /** Too much memory ends in a Python `MemoryError` or a clean kill. */
  MEMORY_LIMIT: 'memory_limit',
  /** Processor time is bounded. */
  CPU_LIMIT: 'cpu_limit',
  /** Variables can be cleared without a restart. */
  RESET: 'reset',
  /** Packages can be installed at run time. */
  DEPS_INSTALL: 'deps_install',
  /** Packages can be removed at run time. */
  DEPS_UNINSTALL: 'deps_uninstall',
} as const;

/** One of the ten capability names. */
export type Capability = (typeof Capability)[keyof typeof Capability];

/** All capability names, in the order of the seed. */
export const ALL_CAPABILITIES: readonly Capability[] = Object.values(Capability);
