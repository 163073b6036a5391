import type { ChangeContext } from './changeContext.ts';
import { Installation } from './installation.ts';
import { Removal } from './removal.ts';
import { Sync } from './sync.ts';

/** The changes of `Dependencies`, with who wants them and what they changed. */
export class PackageChanges {
  readonly add: Installation['add'];
  readonly install: Installation['install'];
  readonly upgrade: Installation['upgrade'];
  readonly remove: Removal['remove'];
  readonly uninstall: Removal['uninstall'];
  readonly sync: Sync['sync'];

  constructor(context: ChangeContext) {
    const installation = new Installation(context);
    const removal = new Removal(context);
    const sync = new Sync(context);
    this.add = installation.add.bind(installation);
    this.install = installation.install.bind(installation);
    this.upgrade = installation.upgrade.bind(installation);
    this.remove = removal.remove.bind(removal);
    this.uninstall = removal.uninstall.bind(removal);
    this.sync = sync.sync.bind(sync);
  }
}
