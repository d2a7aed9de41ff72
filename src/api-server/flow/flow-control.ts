import type { Clock, Metrics, Timers } from '../../base/index.ts';
import type { ResourceView, UserInfo } from '../../resources/index.ts';
import type { RequestInfo } from '../request-info.ts';
import { type LevelSpec, PriorityLevel, type Refusal } from './priority-level.ts';
import { type FlowSchema, schemaMatches } from './schema-matching.ts';
import { flowHash } from './shuffle-shard.ts';

/** A request's turn. `release` is called when it is answered. */
export interface FlowSeat {
  /** Names the schema and the level by their UIDs, for the answer. */
  readonly headers: FlowHeaders;
  readonly release: () => void;
}

export interface FlowHeaders {
  readonly 'x-kubernetes-pf-flowschema-uid': string;
  readonly 'x-kubernetes-pf-prioritylevel-uid': string;
}

/** Why there is no turn. */
export interface FlowRefusal {
  readonly headers: FlowHeaders;
  readonly refused: Refusal;
}

export interface FlowControl {
  /** Undefined: the request goes on without a turn (there are no schemas, or it lasts as long as its client likes). */
  enter(info: RequestInfo, user: UserInfo): FlowSeat | FlowRefusal | undefined | Promise<FlowSeat | FlowRefusal>;
  /** One line a level: name, seats, executing, queued. */
  dump(): string;
  close(): void;
}

export interface FlowControlOptions {
  readonly view: ResourceView;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly metrics: Metrics;
  /** Requests that the server works on at a time (kube-apiserver: 400 reads and 200 writes). */
  readonly seats?: number;
}

interface LevelObject {
  readonly metadata: { readonly name?: string; readonly uid?: string };
  readonly spec?: { readonly type?: string; readonly limited?: Limited; readonly exempt?: Limited };
}
interface Limited {
  readonly nominalConcurrencyShares?: number;
  readonly lendablePercent?: number;
  readonly borrowingLimitPercent?: number | null;
  readonly limitResponse?: { readonly type?: string; readonly queuing?: LevelSpec['queuing'] };
}

interface Classified {
  readonly level: PriorityLevel;
  readonly schema: string;
  readonly hash: number;
  readonly headers: FlowHeaders;
}

const group = 'flowcontrol.apiserver.k8s.io';
const longLasting = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);
const noClass = Symbol('no class');

export function createFlowControl(options: FlowControlOptions): FlowControl {
  const { view, clock, timers, metrics, seats = 600 } = options;
  const levels = new Map<string, PriorityLevel>();
  const levelUids = new Map<string, string>();
  let schemas: readonly FlowSchema[] = [];
  let known = new WeakMap<UserInfo, WeakMap<RequestInfo, Classified | typeof noClass>>();
  let stale = true;

  const mayBorrow = (asking: PriorityLevel): boolean => {
    let lent = 0;
    for (const level of levels.values()) if (level !== asking) lent += Math.min(level.spec.lendable, Math.max(0, level.spec.seats - level.executing));
    const borrowed = [...levels.values()].reduce((sum, level) => sum + Math.max(0, level.executing - level.spec.seats), 0);
    return borrowed < lent;
  };
  const stop = view.onChange(({ resource }) => { if (resource.group === group) stale = true; });

  function refresh(): void {
    stale = false;
    known = new WeakMap();
    const objects = view.list<LevelObject>({ group, resource: 'prioritylevelconfigurations' });
    for (const [name, spec] of levelSpecs(objects, seats)) {
      const level = levels.get(name);
      if (level === undefined) levels.set(name, new PriorityLevel(name, spec, { clock, timers, mayBorrow }));
      else level.configure(spec);
    }
    levelUids.clear();
    for (const { metadata } of objects) levelUids.set(metadata.name ?? '', metadata.uid ?? '');
    for (const name of levels.keys()) if (!levelUids.has(name)) levels.delete(name);
    schemas = [...view.list<FlowSchema>({ group, resource: 'flowschemas' })].sort((a, b) => precedence(a) - precedence(b) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
  }

  function classify(info: RequestInfo, user: UserInfo): Classified | typeof noClass {
    if (info.isResource && longLasting.has(info.subresource)) return noClass;
    for (const schema of schemas) {
      const levelName = schema.spec?.priorityLevelConfiguration?.name ?? '';
      const level = levels.get(levelName);
      if (level === undefined || !schemaMatches(schema, info, user)) continue;
      const { name = '', uid = '' } = schema.metadata;
      const method = schema.spec?.distinguisherMethod?.type;
      const flow = method === 'ByUser' ? user.name : method === 'ByNamespace' ? info.namespace : '';
      return { level, schema: name, hash: flowHash(`${name}\n${flow}`), headers: { 'x-kubernetes-pf-flowschema-uid': uid, 'x-kubernetes-pf-prioritylevel-uid': levelUids.get(levelName) ?? '' } };
    }
    return noClass;
  }

  function classOf(info: RequestInfo, user: UserInfo): Classified | typeof noClass {
    if (stale) refresh();
    let byInfo = known.get(user);
    if (byInfo === undefined) {
      byInfo = new WeakMap();
      known.set(user, byInfo);
    }
    let found = byInfo.get(info);
    if (found === undefined) {
      found = classify(info, user);
      byInfo.set(info, found);
    }
    return found;
  }

  const outcome = (found: Classified, entered: (() => void) | Refusal): FlowSeat | FlowRefusal => {
    if (typeof entered === 'function') return { headers: found.headers, release: entered };
    metrics.count('apiserver_flowcontrol_rejected_requests_total', { flow_schema: found.schema, priority_level: found.level.name, reason: entered });
    return { headers: found.headers, refused: entered };
  };
  return {
    enter: (info, user) => {
      const found = classOf(info, user);
      if (found === noClass) return undefined;
      const entered = found.level.enter(found.hash);
      return entered instanceof Promise ? entered.then((seat) => outcome(found, seat)) : outcome(found, entered);
    },
    dump: () => [...levels.values()].map((level) => `${level.name}, ${level.spec.type}, seats ${String(level.spec.seats)}, executing ${String(level.executing)}, queued ${String(level.queued)}`).join('\n'),
    close: stop,
  };
}

const precedence = (schema: FlowSchema): number => schema.spec?.matchingPrecedence ?? 1000;

/** Divides the server's seats by the levels' shares. */
function levelSpecs(objects: readonly LevelObject[], seats: number): readonly (readonly [string, LevelSpec])[] {
  const sharesOf = ({ spec }: LevelObject): number => (spec?.type === 'Exempt' ? spec.exempt?.nominalConcurrencyShares ?? 0 : spec?.limited?.nominalConcurrencyShares ?? 30);
  const total = objects.reduce((sum, object) => sum + sharesOf(object), 0);
  return objects.map((object) => {
    const { spec, metadata } = object;
    const own = total === 0 ? 0 : Math.ceil((seats * sharesOf(object)) / total);
    const limits = spec?.type === 'Exempt' ? spec.exempt : spec?.limited;
    const lendable = Math.round((own * (limits?.lendablePercent ?? 0)) / 100);
    const borrowing = limits?.borrowingLimitPercent;
    return [metadata.name ?? '', {
      type: spec?.type === 'Exempt' ? 'Exempt' : 'Limited', seats: own, lendable,
      seatsMax: borrowing === undefined || borrowing === null ? seats : own + Math.round((own * borrowing) / 100),
      queuing: limits?.limitResponse?.type === 'Queue' ? limits.limitResponse.queuing ?? { queues: 64, handSize: 8, queueLengthLimit: 50 } : undefined,
    }];
  });
}
