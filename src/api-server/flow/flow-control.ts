import { type Clock, limits, type Metrics, type Timers } from '../../base/index.ts';
import type { ResourceView, UserInfo } from '../../resources/index.ts';
import type { RequestInfo } from '../request-info.ts';
import { dumpedLevels, dumpedQueues, dumpedRequests } from './dump.ts';
import { type LevelObject, levelSpecs } from './levels.ts';
import { PriorityLevel, type Refusal, type Release } from './priority-level.ts';
import { type FlowRule, type FlowSchema, requestMatches, rulesOfUser } from './schema-matching.ts';

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

/** By which schema a request goes, and to which level: their UIDs stand in the answer. */
export interface FlowClass {
  readonly schema: string;
  readonly schemaUid: string;
  readonly levelUid: string;
}

export interface FlowControl {
  /** Undefined: the request needs no turn, since no schema means it, or it lasts as long as its client likes. */
  enter(info: RequestInfo, user: UserInfo): FlowSeat | FlowRefusal | undefined | Promise<FlowSeat | FlowRefusal>;
  /** Gives the levels' present figures to the metrics. */
  measure(): void;
  /** A table of the present state. */
  dump(what: 'levels' | 'queues' | 'requests' | 'detailedRequests'): string;
}

export interface FlowControlOptions {
  readonly view: ResourceView;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly metrics: Metrics;
  /** Requests that are worked on at a time. */
  readonly seats?: number | undefined;
}

/** A schema that leads to a level. */
interface Way extends FlowClass {
  readonly level: PriorityLevel;
  readonly by: string | undefined;
  readonly rules: readonly FlowRule[];
}

const group = 'flowcontrol.apiserver.k8s.io';
const settings = ['flowschemas', 'prioritylevelconfigurations'].map((resource) => ({ group, resource }));
const longLasting = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);
const precedenceDefault = 1000;

export function createFlowControl(options: FlowControlOptions): FlowControl {
  const { view, metrics, seats = limits.flowSeatsMax } = options;
  const levels = new Map<string, PriorityLevel>();
  let ways: readonly Way[] = [];
  let waysOfUser = new WeakMap<UserInfo, readonly Way[]>();
  let stale = true;
  view.onChange(() => {
    stale = true;
  }, settings);

  const ports = {
    ...options,
    mayBorrow: (asking: PriorityLevel): boolean => mayBorrow(levels.values(), asking),
    freed: (): void => {
      for (const level of levels.values()) if (level.queued > 0) level.dispatch();
    },
  };

  function refresh(): void {
    stale = false;
    waysOfUser = new WeakMap();
    const objects = view.list<LevelObject>({ group, resource: 'prioritylevelconfigurations' });
    const uids = new Map(objects.map(({ metadata }) => [metadata.name ?? '', metadata.uid ?? '']));
    // What waits at a level that is gone still has the turns which that level's own requests give back.
    for (const name of levels.keys()) if (!uids.has(name)) levels.delete(name);
    for (const [name, spec] of levelSpecs(objects, seats)) {
      const level = levels.get(name);
      if (level === undefined) levels.set(name, new PriorityLevel(name, spec, ports));
      else level.configure(spec);
    }
    ways = view
      .list<FlowSchema>({ group, resource: 'flowschemas' })
      .toSorted(byPrecedence)
      .flatMap((schema) => wayOf(schema, levels, uids));
  }

  function wayFor(info: RequestInfo, user: UserInfo): Way | undefined {
    if (stale) refresh();
    let own = waysOfUser.get(user);
    if (own === undefined) {
      own = ways
        .map((way) => ({ ...way, rules: rulesOfUser(way.rules, user) }))
        .filter(({ rules }) => rules.length > 0);
      waysOfUser.set(user, own);
    }
    for (const way of own) if (requestMatches(way.rules, info)) return way;
    return undefined;
  }

  const outcome = (way: Way, entered: Release | Refusal): FlowSeat | FlowRefusal => {
    if (typeof entered === 'function') return { class: way, release: entered };
    metrics.count('apiserver_flowcontrol_rejected_requests_total', {
      flow_schema: way.schema,
      priority_level: way.level.name,
      reason: entered,
    });
    return { class: way, refused: entered };
  };

  return {
    enter: (info, user) => {
      if (info.isResource && longLasting.has(info.subresource)) return undefined;
      const way = wayFor(info, user);
      if (way === undefined) return undefined;
      const entered = way.level.enter(flowOf(way, info, user), () => ({
        schema: way.schema,
        distinguisher: distinguisherOf(way, info, user),
        info,
        user,
        arrivedAt: options.clock.now(),
      }));
      return entered instanceof Promise ? entered.then((seat) => outcome(way, seat)) : outcome(way, entered);
    },
    dump: (what) => {
      if (stale) refresh();
      const sorted = [...levels.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      if (what === 'levels') return dumpedLevels(sorted);
      return what === 'queues' ? dumpedQueues(sorted) : dumpedRequests(sorted, what === 'detailedRequests');
    },
    measure: () => {
      for (const { name, spec, executing, queued } of levels.values()) {
        const labels = { priority_level: name };
        metrics.gauge('apiserver_flowcontrol_nominal_limit_seats', spec.seats, labels);
        metrics.gauge('apiserver_flowcontrol_current_executing_requests', executing, labels);
        metrics.gauge('apiserver_flowcontrol_current_inqueue_requests', queued, labels);
      }
    },
  };
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

function byPrecedence(a: FlowSchema, b: FlowSchema): number {
  const difference =
    (a.spec?.matchingPrecedence ?? precedenceDefault) - (b.spec?.matchingPrecedence ?? precedenceDefault);
  return difference === 0 ? ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1) : difference;
}

/** None for a schema whose level does not exist: such a schema counts for nothing. */
function wayOf(
  { metadata, spec }: FlowSchema,
  levels: ReadonlyMap<string, PriorityLevel>,
  uids: ReadonlyMap<string, string>,
): readonly Way[] {
  const level = levels.get(spec?.priorityLevelConfiguration?.name ?? '');
  if (level === undefined) return [];
  return [
    {
      level,
      levelUid: uids.get(level.name) ?? '',
      schema: metadata.name ?? '',
      schemaUid: metadata.uid ?? '',
      by: spec?.distinguisherMethod?.type,
      rules: spec?.rules ?? [],
    },
  ];
}

function distinguisherOf({ by }: Way, info: RequestInfo, user: UserInfo): string {
  return by === 'ByUser' ? user.name : by === 'ByNamespace' ? info.namespace : '';
}

function flowOf(way: Way, info: RequestInfo, user: UserInfo): string {
  return way.by === undefined ? way.schema : `${way.schema}\n${distinguisherOf(way, info, user)}`;
}
