/** The tree of one process: its root, its listeners and its end. */
import { type Ref, start, stop as stopNact } from 'nact';
import { type Clock, type Logger, type Metrics, noTraces, type Timers, type TraceScope } from '../base/index.ts';
import type { ActorSystem } from './actor.ts';
import { Cell } from './cell.ts';
import type { CellParent, TreeCell } from './cell-tree.ts';
import { CrashJournal, type CrashStore } from './crash-journal.ts';
import { encodedSend } from './encoded-send.ts';
import type { ActorEnvironment } from './environment.ts';
import type { ActorNode, CrashRecord } from './tree.ts';

export interface ActorSystemPorts {
  readonly name: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Follows requests through actors; absent: none is followed. */
  readonly traces?: TraceScope | undefined;
  /** Keeps crash records past the end of the process; absent: they end with it. */
  readonly crashStore?: CrashStore | undefined;
  /** For tests: each message is encoded and decoded on its way, as between processes. */
  readonly encodeSends?: boolean | undefined;
}

/** What regions need beyond the public system: to hang cells below other cells. */
export interface InnerActorSystem extends ActorSystem {
  readonly environment: ActorEnvironment;
  readonly root: CellParent;
}

/**
 * Starts an empty tree. Its root supervisor stops nothing by itself: a crash that reaches it goes to `onFailure`.
 */
export function createActorSystem(ports: ActorSystemPorts): InnerActorSystem {
  const crashed = new Listeners<CrashRecord>();
  const parked = new Listeners<CrashRecord>();
  const failed = new Listeners<CrashRecord>();
  const journal = new CrashJournal({ log: ports.log, store: ports.crashStore });
  const environment = environmentOf(ports, { journal, crashed, parked });
  const nactSystem = start();
  const children = new Map<string, TreeCell>();
  const root: CellParent = {
    address: '',
    ref: nactSystem as Ref<never>,
    environment,
    children,
    adopt: (child) => {
      children.set(child.name, child);
    },
    abandon: (child) => {
      children.delete(child.name);
    },
    childEscalated: (record) => {
      failed.tell(record);
    },
  };
  return {
    environment,
    root,
    spawn: (name, behaviour, options = {}) => new Cell(root, { name, behaviour, options }).handle,
    tree: () => rootNode(ports.name, children),
    find: (address) => cellAt(children, address)?.node(),
    restart: (address) => {
      const cell = cellAt(children, address);
      cell?.restart();
      return cell !== undefined;
    },
    disturb: (address, disturbance) => cellAt(children, address)?.disturb(disturbance),
    crashes: () => journal.records(),
    onCrash: crashed.add,
    onParked: parked.add,
    onFailure: failed.add,
    stop: async () => {
      for (const child of [...children.values()]) child.detach();
      stopNact(nactSystem);
      await Promise.all(environment.releases);
      await journal.flush();
    },
  };
}

interface Announced {
  readonly journal: CrashJournal;
  readonly crashed: Listeners<CrashRecord>;
  readonly parked: Listeners<CrashRecord>;
}

function environmentOf(ports: ActorSystemPorts, { journal, crashed, parked }: Announced): ActorEnvironment {
  const { clock, timers, log, metrics, traces = noTraces } = ports;
  let parkedCount = 0;
  let cells = 0;
  return {
    clock,
    timers,
    log,
    metrics,
    traces,
    sent: ports.encodeSends === true ? encodedSend : (message) => message,
    releases: new Set(),
    cellName: () => {
      cells += 1;
      return `a${cells}`;
    },
    crashed: (record, error) => {
      metrics.count('troupe_actor_crashes_total', { actor: record.address.split('/').slice(0, 2).join('/') });
      const { address, messageType, count, at: _at, ...rest } = record;
      log.warn('an actor crashed', {
        actor: address,
        messageType,
        crashes: count,
        ...rest,
        stack: error instanceof Error ? error.stack : undefined,
      });
      journal.add(record);
      crashed.tell(record);
    },
    parked: (record, isParked) => {
      parkedCount += isParked ? 1 : -1;
      metrics.gauge('troupe_actors_parked', parkedCount);
      if (isParked) parked.tell(record);
    },
  };
}

class Listeners<T> {
  readonly #all = new Set<(value: T) => void>();
  readonly add = (listener: (value: T) => void): (() => void) => {
    this.#all.add(listener);
    return () => {
      this.#all.delete(listener);
    };
  };

  tell(value: T): void {
    for (const listener of this.#all) listener(value);
  }
}

function rootNode(name: string, children: ReadonlyMap<string, TreeCell>): ActorNode {
  return {
    address: '',
    name,
    state: 'running',
    restarts: 0,
    mailbox: 0,
    oldestMs: 0,
    handled: 0,
    perSecond: 0,
    busyMs: 0,
    turnMs: 0,
    dropped: 0,
    refused: 0,
    coalesced: 0,
    children: [...children.values()].map((child) => child.node()),
  };
}

/** Names may hold slashes ('default/web'), so at each level the shortest name that leads on is taken. */
function cellAt(children: ReadonlyMap<string, TreeCell> | undefined, address: string): TreeCell | undefined {
  for (let end = address.indexOf('/'); ; end = address.indexOf('/', end + 1)) {
    const child = children?.get(end < 0 ? address : address.slice(0, end));
    if (end < 0) return child;
    const found = child === undefined ? undefined : cellAt(child.children, address.slice(end + 1));
    if (found !== undefined) return found;
  }
}
