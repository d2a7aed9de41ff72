/** etcd as the peer of the store. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { GrpcConnection } from './grpc-connection.ts';
import { clientsPerConnection, type Peer } from './peer.ts';
import { freePort } from './troupe-peer.ts';

const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);

/** Protobuf fields 1 and 2 as bytes: a PutRequest's key and value; a RangeRequest has the key alone. */
function message(key: string, value?: Uint8Array): Uint8Array {
  const name = Buffer.from(key);
  const head = Buffer.from([10, ...varint(name.length)]);
  return value === undefined
    ? Buffer.concat([head, name])
    : Buffer.concat([head, name, Buffer.from([18, ...varint(value.length)]), value]);
}

interface Ports {
  readonly client: number;
  readonly peer: number;
}

/** etcd as its package starts it, with its defaults: every write is synced before it is acknowledged. */
export class EtcdPeer implements Peer {
  readonly name: string;
  readonly client = `gRPC over HTTP/2 on bare sockets, ${clientsPerConnection} clients a connection, all to the leader`;
  readonly #folder: string;
  readonly #ports = new Map<string, Ports>();
  readonly #processes = new Map<string, ChildProcess>();
  #connections: GrpcConnection[] = [];
  #turn = 0;
  #connectionsUsed = 1;
  #leader = '';
  #killed: string | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
    const { stdout } = spawnSync('etcd', ['--version'], { encoding: 'utf8' });
    this.name = `etcd ${/Version: (\S+)/.exec(stdout)?.[1] ?? ''}`;
  }

  static installed(): boolean {
    return spawnSync('etcd', ['--version']).status === 0;
  }

  static async start(
    folder: string,
    options: { readonly members: number; readonly clients: number },
  ): Promise<EtcdPeer> {
    mkdirSync(folder, { recursive: true });
    const peer = new EtcdPeer(folder);
    for (let i = 0; i < options.members; i++)
      peer.#ports.set(`e${i}`, { client: await freePort(), peer: await freePort() });
    for (const name of peer.#ports.keys()) peer.#startMember(name);
    await peer.#connect(options.clients);
    return peer;
  }

  #startMember(name: string): void {
    const { client, peer } = this.#ports.get(name) as Ports;
    const cluster = [...this.#ports].map(([other, ports]) => `${other}=http://127.0.0.1:${ports.peer}`).join(',');
    const output = openSync(join(this.#folder, `${name}.log`), 'a');
    const url = (port: number): string => `http://127.0.0.1:${port}`;
    this.#processes.set(
      name,
      spawn(
        'etcd',
        [
          '--name',
          name,
          '--data-dir',
          join(this.#folder, name),
          '--listen-client-urls',
          url(client),
          '--advertise-client-urls',
          url(client),
          '--listen-peer-urls',
          url(peer),
          '--initial-advertise-peer-urls',
          url(peer),
          '--initial-cluster',
          cluster,
          '--initial-cluster-state',
          'new',
        ],
        { stdio: ['ignore', output, output], env: { PATH: process.env['PATH'] } },
      ),
    );
  }

  /** Finds the leader by each member's status and opens the connections to it. */
  async #connect(clients: number): Promise<void> {
    this.#leader = await this.#findLeader();
    for (const connection of this.#connections) connection.close();
    const { client } = this.#ports.get(this.#leader) as Ports;
    this.#connections = await Promise.all(
      Array.from({ length: Math.max(1, Math.ceil(clients / clientsPerConnection)) }, () => GrpcConnection.open(client)),
    );
  }

  async #findLeader(): Promise<string> {
    for (;;) {
      for (const name of this.#processes.keys()) if (await this.#leads(name)) return name;
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
  }

  async #leads(name: string): Promise<boolean> {
    const { client } = this.#ports.get(name) as Ports;
    const status = await fetch(`http://127.0.0.1:${client}/v3/maintenance/status`, {
      method: 'POST',
      body: '{}',
      signal: AbortSignal.timeout(500),
    })
      .then((response) => response.json() as Promise<{ leader?: string; header?: { member_id: string } }>)
      .catch(() => undefined);
    return status?.leader !== undefined && status.leader !== '0' && status.leader === status.header?.member_id;
  }

  #next(): GrpcConnection {
    this.#turn = (this.#turn + 1) % Math.min(this.#connectionsUsed, this.#connections.length);
    return this.#connections[this.#turn] as GrpcConnection;
  }

  useClients(clients: number): void {
    this.#connectionsUsed = Math.ceil(clients / clientsPerConnection);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    await this.#next().call('/etcdserverpb.KV/Put', message(key, value));
  }

  async get(key: string): Promise<void> {
    await this.#next().call('/etcdserverpb.KV/Range', message(key));
  }

  /** The present leader's connection is gone with it; the next write finds the new one. */
  async killLeader(): Promise<void> {
    this.#killed = await this.#findLeader();
    this.#processes.get(this.#killed)?.kill('SIGKILL');
    this.#processes.delete(this.#killed);
  }

  async findLeader(): Promise<void> {
    await this.#connect(1);
  }

  async revive(): Promise<void> {
    if (this.#killed !== undefined) this.#startMember(this.#killed);
    this.#killed = undefined;
    await this.#connect(1);
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close();
    const ended = [...this.#processes.values()].map(
      (child) =>
        new Promise((resolve) => {
          child.once('exit', resolve);
        }),
    );
    for (const child of this.#processes.values()) child.kill('SIGKILL');
    await Promise.all(ended);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
