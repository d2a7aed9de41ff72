/** Allocates the node ports of Services. */
import {
  type FieldError,
  internalError,
  invalid,
  invalidError,
  needsHealthCheckPort,
  needsNodePorts,
} from '../../api/index.ts';
import type { Revision } from '../../base/index.ts';
import type { Operation } from '../../state/index.ts';
import { encodeJson } from '../stored/encoding.ts';
import type { Allocation, AllocatorPorts, Holder, Mode } from './allocation.ts';
import { mayHaveNodePorts, type SentServiceSpec } from './service-shape.ts';
import { nodePortBand, staticBand } from './static-band.ts';

const randomTries = 64;
const firstDryPort = 32_769;

interface TakeOptions {
  /** Ports that the Service holds already. */
  readonly held: readonly number[];
  readonly mode: Mode;
  readonly creates: boolean;
}

interface Place {
  readonly holder: Holder;
  readonly held: readonly number[];
  /** Wishes of the Service's other ports, which no choice may take from them. */
  readonly asked: readonly number[];
  readonly mode: Mode;
  readonly field: string;
}

export const nodePortPrefix = '/allocations/nodeports/';
export const nodePortKey = (port: number): string => `${nodePortPrefix}${port}`;

export function putNodePort(port: number, holder: Holder): Operation {
  return {
    type: 'put',
    key: nodePortKey(port),
    value: encodeJson(holder),
    revisionAt: -1,
    index: { uid: '', labels: {}, fields: {}, owners: [] },
  };
}

/** What a dry run says for a port that it does not choose. */
function dryPort(taken: readonly number[]): number {
  return taken.length === 0 ? firstDryPort : Math.max(...taken) + 1;
}

/** Node ports of Services; each is held by a key. One Service may use a number for several protocols. */
export class NodePortAllocator {
  readonly #ports: Pick<AllocatorPorts, 'store' | 'random'>;
  readonly #range: AllocatorPorts['settings']['nodePortRange'];

  constructor({ store, random, settings }: AllocatorPorts) {
    this.#ports = { store, random };
    this.#range = settings.nodePortRange;
  }

  /**
   * Gives the Service its node ports, written into `spec`, and says what must hold and be written for it. Throws the
   * StatusError of a port that cannot be had.
   */
  take(spec: SentServiceSpec, holder: Holder, { held, mode, creates }: TakeOptions): Allocation {
    const own = new Set<number>();
    const asked = (spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0);
    const settle = (wanted: number, field: string): number =>
      this.#settle(wanted, own, { holder, held, asked, mode, field });
    for (const [index, port] of (mayHaveNodePorts(spec) ? (spec.ports ?? []) : []).entries()) {
      if ((port.nodePort ?? 0) === 0 && !needsNodePorts(spec)) continue;
      const wanted = creates ? sharedPort(spec, index) : (port.nodePort ?? 0);
      const shared = own.has(wanted) && (!creates || isShared(spec, index, wanted));
      port.nodePort = shared ? wanted : settle(wanted, `spec.ports[${index}].nodePort`);
    }
    if (needsHealthCheckPort(spec))
      spec.healthCheckNodePort = settle(spec.healthCheckNodePort ?? 0, 'spec.healthCheckNodePort');
    const fresh = mode !== 'real' ? [] : [...own].filter((port) => !held.includes(port));
    return {
      compares: fresh.map((port) => ({ key: nodePortKey(port), revision: 0 as Revision })),
      operations: fresh.map((port) => putNodePort(port, holder)),
    };
  }

  release(nodePorts: readonly number[]): readonly Operation[] {
    return nodePorts.map((port) => ({ type: 'delete', key: nodePortKey(port) }));
  }

  #isFree(port: number): boolean {
    return this.#ports.store.get(nodePortKey(port)) === undefined;
  }

  #choose(own: ReadonlySet<number>): number {
    const { first, last } = this.#range;
    const size = last - first + 1;
    const start = staticBand(size, nodePortBand);
    for (let tries = 0; tries < randomTries; tries++) {
      const port = first + start + this.#ports.random.below(size - start);
      if (!own.has(port) && this.#isFree(port)) return port;
    }
    for (let offset = 0; offset < size; offset++) {
      const port = first + ((start + offset) % size);
      if (!own.has(port) && this.#isFree(port)) return port;
    }
    throw internalError('failed to allocate a nodePort: range is full');
  }

  /** Why the Service cannot have a port that it asks for. */
  #refusal(port: number, own: ReadonlySet<number>, { field, mode }: Place): FieldError | undefined {
    const { first, last } = this.#range;
    if (mode !== 'dry' && (port < first || port > last))
      return invalid(
        field,
        port,
        `provided port is not in the valid range. The range of valid ports is ${first}-${last}`,
      );
    return this.#isFree(port) && !own.has(port)
      ? undefined
      : invalid(field, port, 'provided port is already allocated');
  }

  #settle(wanted: number, own: Set<number>, place: Place): number {
    const { holder, held, asked, mode } = place;
    const fresh = [...own].filter((port) => !held.includes(port));
    const next = (): number => (mode === 'dry' ? dryPort(fresh) : this.#choose(new Set([...own, ...asked])));
    const port = wanted === 0 ? next() : wanted;
    const error = wanted === 0 || held.includes(wanted) ? undefined : this.#refusal(wanted, own, place);
    if (error !== undefined) throw invalidError({ group: '', kind: 'Service', name: holder.name, errors: [error] });
    own.add(port);
    return port;
  }
}

/**
 * The node port of a new Service's port: its own wish, or that of the same port over another protocol, so that they
 * share one.
 */
function sharedPort(spec: SentServiceSpec, index: number): number {
  const port = spec.ports?.[index];
  return (
    port?.nodePort ??
    spec.ports?.find((other) => other.port === port?.port && (other.nodePort ?? 0) !== 0)?.nodePort ??
    0
  );
}

/** Only one port of a new Service has a node port, over whatever protocols. */
function isShared(spec: SentServiceSpec, index: number, nodePort: number): boolean {
  return (spec.ports ?? [])
    .slice(0, index)
    .some((other) => other.port === spec.ports?.[index]?.port && other.nodePort === nodePort);
}
