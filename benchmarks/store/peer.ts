/** The port of a store under load. */

/** A store under load: three processes and clients that share a connection or few. */
export interface Peer {
  readonly name: string;
  readonly client: string;
  put(key: string, value: Uint8Array): Promise<void>;
  /** Linearisable. */
  get(key: string): Promise<void>;
  /** So many clients call from here on: they share as many connections as `clientsPerConnection` says. */
  useClients(clients: number): void;
  findLeader(): Promise<unknown>;
  /** kill -9 of the leader. Resolves at once. */
  killLeader(): Promise<void>;
  /** Brings the killed member back. */
  revive(): Promise<void>;
  close(): Promise<void>;
}

/** Clients that share one connection: etcd 3.5 is at its best with so many. */
export const clientsPerConnection = 64;
