/** A controller's ports for the keys that this member owns; writes through them fail once the shard is lost. */
import type { ResourceClient } from '../../resources/index.ts';
import { type Grant, shardOf, type Shards, shardsCount } from '../../shards/index.ts';
import type { ControllerPorts } from './controller.ts';

/** Which of a controller's keys this member acts on, and how it writes for them. */
export interface Ownership extends Pick<Shards, 'grant' | 'onChange'> {
  /** A client whose writes fail once the grant has ended. */
  clientOf(grant: Grant): ResourceClient;
}

export interface FencedPorts {
  /** The ports to act on a key with; undefined while the key is another member's. */
  of(key: string): ControllerPorts | undefined;
  /** Whether any key at all may be this member's. */
  any(): boolean;
}

/** Without `ownership` every key is this member's, and nothing is fenced. */
export function fencedPorts(controller: string, ports: ControllerPorts, ownership: Ownership | undefined): FencedPorts {
  if (ownership === undefined) return { of: () => ports, any: () => true };
  const known = new WeakMap<Grant, ControllerPorts>();
  return {
    of: (key) => {
      const grant = ownership.grant(shardOf(controller, key));
      if (grant === undefined) return undefined;
      const fenced = known.get(grant) ?? { ...ports, client: ownership.clientOf(grant) };
      known.set(grant, fenced);
      return fenced;
    },
    any: () =>
      Array.from({ length: shardsCount }, (_, shard) => shard).some((shard) => ownership.grant(shard) !== undefined),
  };
}
