import { type Ref, start, stop as stopNact } from 'nact';
import type { Clock, Logger, Metrics, Timers } from '../base/index.ts';
import type { ActorNode, ActorSystem, CrashRecord } from './actor.ts';
import { Cell, type CellParent, type TreeCell } from './cell.ts';
import type { ActorEnvironment } from './environment.ts';

export interface ActorSystemPorts {
  readonly name: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** What regions need beyond the public system: to hang cells below other cells. */
export interface InnerActorSystem extends ActorSystem {
  readonly environment: ActorEnvironment;
  readonly root: CellParent;
}

/** Starts an empty tree. Its root supervisor stops nothing by itself: a crash that reaches it is told to `onFailure`. */
export function createActorSystem(ports: ActorSystemPorts): InnerActorSystem {
  const crashListeners = new Set<(record: CrashRecord) => void>();
  const failureListeners = new Set<(record: CrashRecord) => void>();
  const nactSystem = start();
  const environment: ActorEnvironment = {
    clock: ports.clock,
    timers: ports.timers,
    log: ports.log,
    metrics: ports.metrics,
    releases: new Set(),
    crashed: (record, error) => {
      ports.metrics.count('troupe_actor_crashes_total', { actor: record.address.split('/').slice(0, 2).join('/') });
      ports.log.warn('an actor crashed', { ...record, stack: error instanceof Error ? error.stack : undefined });
      for (const listener of crashListeners) listener(record);
    },
  };
  const children = new Map<string, TreeCell>();
  const root: CellParent = {
    address: '',
    ref: nactSystem as Ref<never>,
    children,
    childEscalated: (record) => { for (const listener of failureListeners) listener(record); },
  };
  return {
    environment,
    root,
    spawn: (name, behaviour, options = {}) => new Cell(environment, root, { name, behaviour, options }).handle,
    tree: () => rootNode(ports.name, children),
    restart: (address) => {
      const cell = cellAt(children, address);
      cell?.restart();
      return cell !== undefined;
    },
    onCrash: (listener) => listen(crashListeners, listener),
    onFailure: (listener) => listen(failureListeners, listener),
    stop: async () => {
      for (const child of [...children.values()]) child.detach();
      stopNact(nactSystem);
      await Promise.all(environment.releases);
    },
  };
}

/** Names may hold slashes (an object's key), so an address is followed by the longest name that fits. */
function cellAt(children: Map<string, TreeCell>, address: string): TreeCell | undefined {
  for (let end = address.length; end > 0; end = address.lastIndexOf('/', end - 1)) {
    const cell = children.get(address.slice(0, end));
    if (cell === undefined) continue;
    return end === address.length ? cell : cellAt(cell.children, address.slice(end + 1));
  }
  return undefined;
}

function rootNode(name: string, children: Map<string, TreeCell>): ActorNode {
  return { address: '', name, state: 'running', restarts: 0, mailbox: 0, handled: 0, children: [...children.values()].map((child) => child.node()) };
}

function listen<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
}
