/** Whether the rules of this machine follow the API, and whether load balancers should send traffic here. */
import { isLeaving, type Node, timeText } from '../../api/index.ts';
import type { Clock } from '../../base/index.ts';

/** What waits longer for the kernel to take it makes the proxy unhealthy: twice kube-proxy's period of syncs. */
const overdueMs = 60_000;

/** When the rules were written, and since when some are not. */
export class ProxyHealth {
  readonly #clock: Clock;
  /** Since when something waits to be written (monotonic). */
  #queued: number | undefined;
  /** The same of what is being written now. */
  #underWay: number | undefined;
  /** Wall-clock ms; undefined: not yet. */
  lastWritten: number | undefined;
  lastQueued: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something changed that rules are made of. */
  changed(): void {
    this.#queued ??= this.#clock.monotonic();
    this.lastQueued = this.#clock.now();
  }

  writing(): void {
    this.#underWay = this.#queued;
    this.#queued = undefined;
  }

  /** What was being written is there, or is not and waits on. */
  written(isThere: boolean): void {
    if (isThere) this.lastWritten = this.#clock.now();
    else this.#queued = this.#underWay ?? this.#queued;
    this.#underWay = undefined;
  }

  /** Whether the rules follow. A proxy that has just begun does. */
  get isHealthy(): boolean {
    const since = this.#underWay ?? this.#queued;
    return since === undefined || this.#clock.monotonic() - since < overdueMs;
  }
}

/**
 * Whether load balancers should send new connections here (KEP-3836): not to a node that goes. Of several nodes on one
 * machine, whose rules are the same, one that stays is enough.
 */
export function isEligible(nodes: readonly Node[], localNodes: ReadonlySet<string>): boolean {
  const own = nodes.filter(({ metadata }) => localNodes.has(metadata.name ?? ''));
  return own.length === 0 || own.some((node) => !isLeaving(node));
}

export interface PortAnswer {
  readonly status: number;
  readonly type: 'application/json' | 'text/plain; charset=utf-8' | 'text/plain; version=0.0.4; charset=utf-8';
  readonly body: string;
}

interface HealthFacts {
  readonly isHealthy: boolean;
  readonly isEligible: boolean;
  /** Wall-clock ms. */
  readonly lastWritten: number | undefined;
  readonly now: number;
}

/**
 * What kube-proxy's health port answers. `/healthz`: whether a load balancer should choose this machine; `/livez`:
 * whether the proxy works. As long as it does, nothing is due, so that its rules are as new as the answer. Pure.
 */
export function healthAnswer(path: string, facts: HealthFacts): PortAnswer {
  const { isHealthy, lastWritten, now } = facts;
  if (path !== '/healthz' && path !== '/livez') return notFound;
  const isOk = isHealthy && (path === '/livez' || facts.isEligible);
  const lastUpdated = isOk ? now : lastWritten;
  const body = {
    lastUpdated: lastUpdated === undefined ? '' : timeText(lastUpdated),
    currentTime: timeText(now),
    ...(path === '/healthz' ? { nodeEligible: facts.isEligible } : {}),
  };
  return { status: isOk ? 200 : 503, type: 'application/json', body: JSON.stringify(body) };
}

export const notFound: PortAnswer = {
  status: 404,
  type: 'text/plain; charset=utf-8',
  body: '404 page not found\n',
};
