import type { ActorSystem } from '../../actors/index.ts';
import type { Clock, Logger, LogLevels, Metrics, Timers, TraceStep } from '../../base/index.ts';
import { type Bus, subjectsOf } from '../../bus/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import type { Store } from '../../state/index.ts';
import {
  type ProcessFigures,
  type Reporter,
  type ShardRow,
  startReporter,
  startSupervision,
  type Supervision,
} from '../../supervision/index.ts';

export interface ReportPorts {
  readonly system: ActorSystem;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly timers: Timers;
}

export interface ReportOptions {
  readonly name: string;
  readonly cluster: string;
  readonly figures: () => ProcessFigures;
  /** The process's own: traces and log levels that operators ask for. */
  readonly traces?: { steps(traceId: string): readonly TraceStep[] };
  readonly levels?: LogLevels;
  readonly shards?: () => readonly ShardRow[];
}

/** A node's process tells the members of its actors. */
export function reportNode(ports: ReportPorts, { name, cluster, ...own }: ReportOptions): Reporter {
  return startReporter({ ...ports, ...own, process: name, role: 'node', subjects: subjectsOf(cluster) });
}

/** A member tells the others of itself and gathers what all processes tell. */
export function superviseMember(
  ports: ReportPorts & { readonly log: Logger; readonly metrics: Metrics },
  options: ReportOptions & { readonly store: Store; readonly view: ResourceView },
): Supervision {
  const { name, cluster, store, view, ...own } = options;
  const subjects = subjectsOf(cluster);
  const reporter = startReporter({
    ...ports,
    ...own,
    process: name,
    role: 'member',
    subjects,
    store: () => store.status(),
  });
  return startSupervision({
    ...ports,
    log: ports.log.with({ part: 'supervision' }),
    reporter,
    process: name,
    subjects,
    view,
  });
}
