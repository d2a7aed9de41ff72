/** Chooses the pod that gets a request. */
import { Agent } from 'node:http';
import { bareHost, type Clock } from '../../base/index.ts';
import { type ProxyTimes, requestsPerEndpointMax } from './limits.ts';

/** One pod's address, with the connections that are kept to it. */
export interface PooledEndpoint {
  readonly host: string;
  readonly port: number;
  readonly agent: Agent;
  /** Requests that are under way. */
  active: number;
  /** Until then (monotonic) it is asked only when there is no other: it refused a connection. */
  avoidedUntil: number;
}

/**
 * The pods behind all backends. Connections are kept across changes of the table; those to pods that left end with
 * their last answer.
 */
export class EndpointPool {
  readonly #clock: Clock;
  readonly #times: ProxyTimes;
  readonly #known = new Map<string, PooledEndpoint>();
  #backends: ReadonlyMap<string, readonly PooledEndpoint[]> = new Map();
  #turn = 0;

  constructor(clock: Clock, times: ProxyTimes) {
    this.#clock = clock;
    this.#times = times;
  }

  /** Takes over what the table says: addresses by backend. */
  apply(backends: Readonly<Record<string, readonly string[]>>): void {
    const wanted = new Set(Object.values(backends).flat());
    for (const [address, endpoint] of this.#known) {
      if (wanted.has(address)) continue;
      this.#known.delete(address);
      drain(endpoint);
    }
    this.#backends = new Map(
      Object.entries(backends).map(([key, addresses]) => [key, addresses.map((address) => this.#endpoint(address))]),
    );
  }

  /**
   * The endpoint for a request: of the next two in turn the less busy one. Undefined: none is left. `tried`: those that
   * failed it.
   */
  pick(backend: string, tried: readonly PooledEndpoint[] = []): PooledEndpoint | undefined {
    const all = this.#backends.get(backend) ?? [];
    const fresh = tried.length === 0 ? all : all.filter((endpoint) => !tried.includes(endpoint));
    const now = this.#clock.monotonic();
    const well = fresh.some(({ avoidedUntil }) => avoidedUntil > now)
      ? fresh.filter(({ avoidedUntil }) => avoidedUntil <= now)
      : fresh;
    const candidates = well.length === 0 ? fresh : well;
    const one = candidates[this.#turn++ % candidates.length];
    const other = candidates[this.#turn % candidates.length];
    return one !== undefined && other !== undefined && other.active < one.active ? other : one;
  }

  avoid(endpoint: PooledEndpoint): void {
    endpoint.avoidedUntil = this.#clock.monotonic() + this.#times.avoidMs;
  }

  close(): void {
    for (const { agent } of this.#known.values()) agent.destroy();
    this.#known.clear();
    this.#backends = new Map();
  }

  #endpoint(address: string): PooledEndpoint {
    const known = this.#known.get(address) ?? makeEndpoint(address, this.#times);
    this.#known.set(address, known);
    return known;
  }
}

function makeEndpoint(address: string, times: ProxyTimes): PooledEndpoint {
  const colon = address.lastIndexOf(':');
  const agent = new Agent({
    keepAlive: true,
    maxSockets: requestsPerEndpointMax,
    maxFreeSockets: requestsPerEndpointMax,
    scheduling: 'lifo',
    timeout: times.idleConnectionMs,
  });
  return {
    host: bareHost(address.slice(0, colon)),
    port: Number(address.slice(colon + 1)),
    agent,
    active: 0,
    avoidedUntil: 0,
  };
}

/** Idle connections end now, busy ones when they would become idle. */
function drain({ agent }: PooledEndpoint): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}
