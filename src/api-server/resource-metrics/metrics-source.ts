/** The resource metrics API, fed by the reports of the nodes' agents. */
import type { Clock, Logger } from '../../base/index.ts';
import { type Bus, decodeIfWhole, type Subjects } from '../../bus/index.ts';
import { parseUsageReport } from '../../protocol/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import type { OwnApi } from '../aggregation/index.ts';
import { metricsApi } from './metrics-api.ts';
import { UsageStore } from './usage-store.ts';

interface ResourceMetricsPorts {
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly view: ResourceView;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called at each report. */
  readonly reported: () => void;
}

interface ResourceMetrics {
  readonly api: OwnApi;
  close(): void;
}

/** Listens to the agents from now on. */
export function openResourceMetrics({
  bus,
  subjects,
  view,
  clock,
  log,
  reported,
}: ResourceMetricsPorts): ResourceMetrics {
  const usage = new UsageStore();
  const listening = bus.subscribe(subjects.nodesUsage, ({ subject, payload }) => {
    const node = subjects.usageNode(subject);
    const report = parseUsageReport(decodeIfWhole(payload));
    if (report === undefined) {
      log.warn('cannot read the usage report of a node', { node });
      return;
    }
    usage.take(node, report, clock.monotonic());
    reported();
  });
  return {
    api: metricsApi({ view, clock, usage }),
    close: () => {
      listening.close();
    },
  };
}
