import { Capability } from '../contract/capability.ts';
import type { CapabilityReport } from '../contract/executor.ts';

/** What decides which of its three capabilities the operating system's sandbox gives an executor. */
export interface ConfinementFacts {
  /** What the settings ask for, and under which name. */
  readonly wall: 'off' | 'auto' | 'required';
  readonly setting: string;
  readonly network: 'on' | 'off' | 'allowedDomains';
  readonly networkSetting: string;
  readonly allowedDomains: readonly string[];
  /** Whether the newest start was confined. */
  readonly isConfined: boolean;
  /** What is kept from files where it was. */
  readonly files: string;
}

/** The reports of file and network isolation and of network filtering. */
export function confinementCapabilities(facts: ConfinementFacts): CapabilityReport[] {
  const { network, networkSetting, allowedDomains } = facts;
  if (!facts.isConfined) {
    const detail =
      facts.wall === 'off'
        ? `The operating system's sandbox is switched off (${facts.setting}).`
        : `This machine has no sandbox for it; set ${facts.setting} to "required" to be told what to install.`;
    return [Capability.FILESYSTEM_ISOLATION, Capability.NETWORK_ISOLATION, Capability.NETWORK_FILTERING].map(
      (capability) => ({ capability, supported: false, detail }),
    );
  }
  const nothing = network === 'off' || (network === 'allowedDomains' && allowedDomains.length === 0);
  return [
    {
      capability: Capability.FILESYSTEM_ISOLATION,
      supported: true,
      detail: `Under the operating system's sandbox: ${facts.files}`,
    },
    {
      capability: Capability.NETWORK_ISOLATION,
      supported: nothing,
      detail: nothing
        ? 'The process has a network of its own with nothing in it: no packet leaves.'
        : `Switched on in the settings; set ${networkSetting} to "off".`,
    },
    {
      capability: Capability.NETWORK_FILTERING,
      supported: network !== 'on',
      detail:
        network === 'on'
          ? `Every address can be reached; set ${networkSetting} to "allowedDomains" or "off".`
          : nothing
            ? 'No domain is let through.'
            : `Only these are let through, over HTTP and HTTPS: ${allowedDomains.join(', ')}.`,
    },
  ];
}
