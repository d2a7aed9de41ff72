/** `connect` and `openClient`: the whole API of a cluster as one object. */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../base/index.ts';
import { type Bus, connectNats } from '../bus/index.ts';
import { systemClock, systemTimers } from '../platform/index.ts';
import {
  type Collection,
  CollectionInformer,
  collectionOf,
  createWire,
  type Informer,
  type InformerOptions,
  type Kind,
  type KubernetesObject,
  type WirePorts,
} from './core/index.ts';
import { type Election, electionOf, type ElectionOptions } from './election.ts';
import { kinds } from './kinds/table.ts';
import { exec, type ExecOptions, type ExecResult, followLog, type LogOptions, readLog } from './pod-streams.ts';

export interface ClientOptions {
  /** The file that says servers, cluster and token: `<home>/nats.json`. Instead of, or beside, the options below. */
  readonly file?: string | undefined;
  readonly servers?: readonly string[] | undefined;
  readonly cluster?: string | undefined;
  /** Opens the NATS server. */
  readonly token?: string | undefined;
  /** Says who asks; default: `token`. A function is called for each request. */
  readonly bearer?: string | (() => string) | undefined;
  /** PEM of the authority that signed the servers' certificates. */
  readonly ca?: string | undefined;
  /** How long an answer may take, in ms; default 30,000. */
  readonly deadlineMs?: number | undefined;
  /** Where answers come to; whoever is no administrator must say `_INBOX.<user>`. */
  readonly inboxPrefix?: string | undefined;
  /** Shown in the server's connection list. */
  readonly name?: string | undefined;
}

/** A connection to a cluster. */
export interface Client {
  /** The objects of a kind: `of(kinds.pods, 'default')`, or those of all namespaces. */
  of<T extends KubernetesObject>(kind: Kind<T>, namespace?: string): Collection<T>;
  informer<T extends KubernetesObject>(
    kind: Kind<T>,
    options: InformerOptions<T> & { readonly namespace?: string },
  ): Informer<T>;
  /** Stands for election by a Lease in a namespace. */
  election(namespace: string, options: ElectionOptions): Election;
  exec(options: ExecOptions): Promise<ExecResult>;
  log(options: LogOptions): Promise<string>;
  followLog(options: Parameters<typeof followLog>[1]): { close(): void };
  /** Any path of the API, such as `/version`. */
  path(path: string): Promise<unknown>;
  close(): Promise<void>;
}

const defaultDeadlineMs = 30_000;

/** Connects by what the options say, completed by the file they name. Rejects when no server answers. */
export async function connect(options: ClientOptions): Promise<Client> {
  const found = options.file === undefined ? {} : (JSON.parse(await readFile(options.file, 'utf8')) as ClientOptions);
  const { servers = [], cluster = 'local', token, ca, inboxPrefix } = { ...found, ...options };
  const bus = await connectNats({
    servers,
    name: options.name ?? 'troupe-client',
    token,
    ca,
    inboxPrefix,
  });
  const { bearer = token ?? '' } = options;
  const client = openClient({
    bus,
    timers: systemTimers,
    clock: systemClock,
    cluster,
    token: typeof bearer === 'string' ? () => bearer : bearer,
    deadlineMs: options.deadlineMs ?? defaultDeadlineMs,
  });
  return { ...client, close: () => bus.close() };
}

/** A client over a bus that is there already. */
export function openClient(ports: WirePorts & { readonly bus: Bus; readonly clock: Clock }): Client {
  const wire = createWire({ ...ports, userAgent: 'troupe-client' });
  const { timers, clock } = ports;
  const of = <T extends KubernetesObject>(kind: Kind<T>, namespace?: string): Collection<T> =>
    collectionOf(wire, kind, namespace);
  return {
    of,
    informer: (kind, { namespace, ...options }) => new CollectionInformer(of(kind, namespace), timers, options),
    election: (namespace, options) => electionOf({ leases: of(kinds.leases, namespace), timers, clock }, options),
    exec: (options) => exec(wire, options),
    log: (options) => readLog(wire, options),
    followLog: (options) => followLog(wire, options),
    path: async (path) => (await wire.request({ verb: 'get', group: '', version: '', resource: '', path })).body,
    close: () => {
      wire.close();
      return Promise.resolve();
    },
  };
}
