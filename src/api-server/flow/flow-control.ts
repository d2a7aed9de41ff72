/** Priority and fairness of requests: finds the level of each, and the turn that it has there. */
import type { FlowSchema } from '../../api/index.ts';
import { type Clock, limits, type Metrics, type Timers } from '../../base/index.ts';
import type { ResourceView, Requester } from '../../resources/index.ts';
import type { ApiHttpRequest } from '../request.ts';
import type { RequestInfo } from '../request-info.ts';
import { dumpedLevels, dumpedQueues, dumpedRequests } from './dump.ts';
import { FlowFigures } from './flow-figures.ts';
import { type LevelObject, levelSpecs } from './levels.ts';
import { type LevelPorts, PriorityLevel, type Refusal, type Release } from './priority-level.ts';
import { type FlowClass, type FlowRoute, routesOf, routesOfUser } from './flow-routes.ts';
import { requestMatches } from './schema-matching.ts';

/** A request's turn. `release` is called once, when it is answered or, if its answer lasts, when that has begun. */
export interface FlowSeat {
  readonly class: FlowClass;
  release(): void;
}

/** Why there is no turn. */
export interface FlowRefusal {
  readonly class: FlowClass;
  readonly refused: Refusal;
}

export interface FlowControl {
  /** Undefined: the request needs no turn, since no schema means it, or it lasts as long as its client likes. */
  enter(
    info: RequestInfo,
    user: Requester,
    onGone?: ApiHttpRequest['onGone'],
  ): FlowSeat | FlowRefusal | undefined | Promise<FlowSeat | FlowRefusal>;
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
  readonly #figures = new Map<string, FlowFigures>();
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

  enter(info: RequestInfo, user: Requester, onGone?: ApiHttpRequest['onGone']): ReturnType<FlowControl['enter']> {
    if (info.isResource && longLasting.has(info.subresource)) return undefined;
    const route = this.#routeOf(info, user);
    if (route === undefined) return undefined;
    const entered = route.level.enter(flowOf(route, info, user), () => ({
      schema: route.schema,
      distinguisher: distinguisherOf(route, info, user),
      info,
      user,
      arrivedAt: this.#options.clock.now(),
      onGone,
    }));
    return entered instanceof Promise ? this.#later(route, entered) : turnOf(route, entered);
  }

  dump(what: Parameters<FlowControl['dump']>[0]): string {
    if (this.#stale) this.#refresh();
    const sorted = [...this.#levels.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    if (what === 'levels') return dumpedLevels(sorted);
    return what === 'queues' ? dumpedQueues(sorted) : dumpedRequests(sorted, what === 'detailedRequests');
  }

  measure(): void {
    for (const { name, spec } of this.#levels.values())
      this.#options.metrics.gauge('apiserver_flowcontrol_nominal_limit_seats', spec.seats, { priority_level: name });
    const present = new Set(this.#routes.map(({ figures }) => figures));
    for (const [key, figures] of this.#figures) {
      figures.measure();
      if (figures.idle && !present.has(figures)) this.#figures.delete(key);
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

  async #later(route: FlowRoute, entering: Promise<Release | Refusal>): Promise<FlowSeat | FlowRefusal> {
    const { clock } = this.#options;
    const from = clock.monotonic();
    route.figures.waiting += 1;
    const entered = await entering;
    route.figures.waited(clock.monotonic() - from, typeof entered === 'function');
    return turnOf(route, entered);
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
    this.#routes = routesOf(view.list<FlowSchema>(schemas), {
      levels: this.#levels,
      levelUids: uids,
      figuresOf: (schema, level) => this.#figuresOf(schema, level),
    });
  }

  /** They outlive the schema's changes. */
  #figuresOf(schema: string, level: string): FlowFigures {
    const key = `${schema}\n${level}`;
    const figures = this.#figures.get(key) ?? new FlowFigures(this.#options.metrics, schema, level);
    this.#figures.set(key, figures);
    return figures;
  }
}

class Seat implements FlowSeat {
  readonly class: FlowRoute;
  readonly #leave: Release;

  constructor(route: FlowRoute, leave: Release) {
    this.class = route;
    this.#leave = leave;
  }

  release(): void {
    this.class.figures.executing -= 1;
    this.#leave();
  }
}

function turnOf(route: FlowRoute, entered: Release | Refusal): FlowSeat | FlowRefusal {
  if (typeof entered === 'function') {
    route.figures.dispatched();
    return new Seat(route, entered);
  }
  route.figures.refused(entered);
  return { class: route, refused: entered };
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
