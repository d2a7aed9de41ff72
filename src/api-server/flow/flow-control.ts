/** Priority and fairness of requests: finds the level of each, and the turn that it has there. */
import type { FlowSchema } from '../../api/index.ts';
import { type Clock, limits, type Metrics, type Timers } from '../../base/index.ts';
import type { ResourceView, Requester } from '../../resources/index.ts';
import type { RequestInfo } from '../request-info.ts';
import { dumpedLevels, dumpedQueues, dumpedRequests } from './dump.ts';
import { type LevelObject, levelSpecs } from './levels.ts';
import { type LevelPorts, PriorityLevel, type Refusal, type Release } from './priority-level.ts';
import { type FlowClass, type FlowRoute, routesOf, routesOfUser } from './flow-routes.ts';
import { requestMatches } from './schema-matching.ts';

/** A request's turn. `release` is called once, when it is answered or, if its answer lasts, when that has begun. */
export interface FlowSeat {
  readonly class: FlowClass;
  readonly release: Release;
}

/** Why there is no turn. */
export interface FlowRefusal {
  readonly class: FlowClass;
  readonly refused: Refusal;
}

export interface FlowControl {
  /** Undefined: the request needs no turn, since no schema means it, or it lasts as long as its client likes. */
  enter(info: RequestInfo, user: Requester): FlowSeat | FlowRefusal | undefined | Promise<FlowSeat | FlowRefusal>;
  /** Gives the levels' present figures to the metrics. */
  measure(): void;
  /** A table of the present state. */
  dump(what: 'levels' | 'queues' | 'requests' | 'detailedRequests'): string;
}

interface FlowControlOptions {
  readonly view: ResourceView;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly metrics: Metrics;
  /** Requests that are worked on at a time. */
  readonly seats?: number | undefined;
}

const group = 'flowcontrol.apiserver.k8s.io';
const schemas = { group, resource: 'flowschemas' };
const levelConfigurations = { group, resource: 'prioritylevelconfigurations' };
const longLasting = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

export function createFlowControl(options: FlowControlOptions): FlowControl {
  return new SchemaFlowControl(options);
}

/** Follows the FlowSchemas and PriorityLevelConfigurations of the local view. */
class SchemaFlowControl implements FlowControl {
  readonly #options: FlowControlOptions;
  readonly #levels = new Map<string, PriorityLevel>();
  readonly #levelPorts: LevelPorts;
  #routes: readonly FlowRoute[] = [];
  #routesOfUser = new WeakMap<Requester, readonly FlowRoute[]>();
  #stale = true;

  constructor(options: FlowControlOptions) {
    this.#options = options;
    this.#levelPorts = {
      clock: options.clock,
      timers: options.timers,
      mayBorrow: (asking) => mayBorrow(this.#levels.values(), asking),
      freed: () => {
        for (const level of this.#levels.values()) if (level.queued > 0) level.dispatch();
      },
    };
    options.view.onChange(() => {
      this.#stale = true;
    }, [schemas, levelConfigurations]);
  }

  enter(info: RequestInfo, user: Requester): ReturnType<FlowControl['enter']> {
    if (info.isResource && longLasting.has(info.subresource)) return undefined;
    const route = this.#routeOf(info, user);
    if (route === undefined) return undefined;
    const entered = route.level.enter(flowOf(route, info, user), () => ({
      schema: route.schema,
      distinguisher: distinguisherOf(route, info, user),
      info,
      user,
      arrivedAt: this.#options.clock.now(),
    }));
    return entered instanceof Promise
      ? entered.then((outcome) => this.#turnOf(route, outcome))
      : this.#turnOf(route, entered);
  }

  dump(what: Parameters<FlowControl['dump']>[0]): string {
    if (this.#stale) this.#refresh();
    const sorted = [...this.#levels.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    if (what === 'levels') return dumpedLevels(sorted);
    return what === 'queues' ? dumpedQueues(sorted) : dumpedRequests(sorted, what === 'detailedRequests');
  }

  measure(): void {
    const { metrics } = this.#options;
    for (const { name, spec, executing, queued } of this.#levels.values()) {
      const labels = { priority_level: name };
      metrics.gauge('apiserver_flowcontrol_nominal_limit_seats', spec.seats, labels);
      metrics.gauge('apiserver_flowcontrol_current_executing_requests', executing, labels);
      metrics.gauge('apiserver_flowcontrol_current_inqueue_requests', queued, labels);
    }
  }

  #routeOf(info: RequestInfo, user: Requester): FlowRoute | undefined {
    if (this.#stale) this.#refresh();
    let own = this.#routesOfUser.get(user);
    if (own === undefined) {
      own = routesOfUser(this.#routes, user);
      this.#routesOfUser.set(user, own);
    }
    for (const route of own) if (requestMatches(route.rules, info)) return route;
    return undefined;
  }

  #turnOf(route: FlowRoute, entered: Release | Refusal): FlowSeat | FlowRefusal {
    if (typeof entered === 'function') return { class: route, release: entered };
    this.#options.metrics.count('apiserver_flowcontrol_rejected_requests_total', {
      flow_schema: route.schema,
      priority_level: route.level.name,
      reason: entered,
    });
    return { class: route, refused: entered };
  }

  #refresh(): void {
    const { view, seats = limits.flowSeatsMax } = this.#options;
    this.#stale = false;
    this.#routesOfUser = new WeakMap();
    const objects = view.list<LevelObject>(levelConfigurations);
    const uids = new Map(objects.map(({ metadata }) => [metadata.name ?? '', metadata.uid ?? '']));
    // What waits at a deleted level still gets the turns that the level's own requests give back.
    for (const name of this.#levels.keys()) if (!uids.has(name)) this.#levels.delete(name);
    for (const [name, spec] of levelSpecs(objects, seats)) {
      const level = this.#levels.get(name);
      if (level === undefined) this.#levels.set(name, new PriorityLevel(name, spec, this.#levelPorts));
      else level.configure(spec);
    }
    this.#routes = routesOf(view.list<FlowSchema>(schemas), this.#levels, uids);
  }
}

/** Whether the other levels' free, lendable seats are more than what is borrowed already. */
function mayBorrow(levels: Iterable<PriorityLevel>, asking: PriorityLevel): boolean {
  let [lendable, borrowed] = [0, 0];
  for (const level of levels) {
    const { spec, executing } = level;
    if (spec.type === 'Exempt') continue;
    borrowed += Math.max(0, executing - spec.seats);
    if (level !== asking) lendable += Math.min(spec.lendable, Math.max(0, spec.seats - executing));
  }
  return borrowed < lendable;
}

function distinguisherOf({ distinguishBy }: FlowRoute, info: RequestInfo, user: Requester): string {
  if (distinguishBy === 'ByUser') return user.name;
  return distinguishBy === 'ByNamespace' ? info.namespace : '';
}

function flowOf(route: FlowRoute, info: RequestInfo, user: Requester): string {
  return route.distinguishBy === undefined ? route.schema : `${route.schema}\n${distinguisherOf(route, info, user)}`;
}
