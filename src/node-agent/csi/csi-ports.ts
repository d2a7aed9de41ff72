/** What the CSI room works with. */
import type { Pod } from '../../api/index.ts';
import type { Clock, Logger, Timers } from '../../base/index.ts';
import type { ResourceClient, ResourceView } from '../../resources/index.ts';
import type { RunCommand } from '../network/index.ts';
import type { ConfigReader, TokenSource, VolumeFiles } from '../volumes/index.ts';

export interface CsiPorts {
  readonly client: ResourceClient;
  /** Holds the node's pods, the Nodes and the CSIDrivers. */
  readonly view: ResourceView;
  readonly config: ConfigReader;
  readonly tokens: TokenSource;
  readonly files: Pick<VolumeFiles, 'giveToGroup'>;
  readonly run: RunCommand;
  /** Whether something is mounted at exactly this path. */
  readonly mounted: (path: string) => Promise<boolean>;
  readonly event: (
    pod: Pod,
    event: { readonly kind: 'Normal' | 'Warning'; readonly reason: string; readonly message: string },
  ) => void;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}
