import type {
  ContainerControl,
  ContainerRebuildOptions,
  ContainerReport,
  ContainerUsage,
} from '../../contract/container.ts';
import { AttachedPart } from './attachedPart.ts';
import { ToContainer } from './containerMessages.ts';

/** The container of a session that another process has. */
export class AttachedContainer extends AttachedPart implements ContainerControl {
  report(): Promise<ContainerReport> {
    return this.peer.call(ToContainer.report, { session: this.session });
  }

  usage(): Promise<ContainerUsage | null> {
    return this.peer.call(ToContainer.usage, { session: this.session });
  }

  log(): Promise<string> {
    return this.peer.call(ToContainer.log, { session: this.session });
  }

  async stop(): Promise<void> {
    await this.peer.call(ToContainer.stop, { session: this.session });
  }

  async rebuild({ signal, onProgress }: ContainerRebuildOptions = {}): Promise<void> {
    await this.listeners.follow(onProgress, (change) =>
      this.peer.call(ToContainer.rebuild, { session: this.session, change }, signal),
    );
  }
}
