/** The thread that carries the traffic of Ingresses, and its messages. */
import { parentPort, workerData } from 'node:worker_threads';
import { errorMessage, type Logger, type MetricLabels, type Metrics } from '../../base/index.ts';
import { type CertificatePair, type RouteTable, startProxy } from '../../ingress/proxy/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';

/** The start parameters of the thread. */
export interface IngressWorkerData {
  readonly host: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly accessLog: boolean;
  /** The certificate for hosts without one in an Ingress. */
  readonly fallback: CertificatePair;
}

/** Messages to the thread. */
export type IngressCommand = { readonly type: 'apply'; readonly table: RouteTable } | { readonly type: 'close' };

/** Messages from the thread. */
export type IngressReport =
  | { readonly type: 'listening' }
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'closed' }
  | {
      readonly type: 'logged';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  | {
      readonly type: 'measured';
      readonly counts: readonly Counted[];
      readonly gauges: readonly Counted[];
      readonly observed: readonly Observed[];
    };

interface Counted {
  readonly name: string;
  readonly labels: MetricLabels | undefined;
  value: number;
}

interface Observed {
  readonly name: string;
  readonly labels: MetricLabels | undefined;
  readonly values: number[];
}

const reportMs = 1_000;

const tell = (report: IngressReport): void => {
  parentPort?.postMessage(report);
};

function reportingLogger(own: Readonly<Record<string, unknown>> = {}): Logger {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      tell({ type: 'logged', level, message, fields: { ...own, ...fields } });
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    with: (fields) => reportingLogger({ ...own, ...fields }),
  };
}

/** Gathers measurements and reports them once a second. The proxy passes the same object for the labels of a series. */
function reportingMetrics(): Metrics {
  const counts = new Map<string, Map<MetricLabels | undefined, Counted>>();
  const gauges = new Map<string, Map<MetricLabels | undefined, Counted>>();
  const observed = new Map<string, Map<MetricLabels | undefined, Observed>>();
  const entry = <T>(
    families: Map<string, Map<MetricLabels | undefined, T>>,
    name: string,
    labels: MetricLabels | undefined,
    make: () => T,
  ): T => {
    const family = families.get(name) ?? new Map<MetricLabels | undefined, T>();
    families.set(name, family);
    const known = family.get(labels) ?? make();
    family.set(labels, known);
    return known;
  };
  const all = <T>(families: Map<string, Map<unknown, T>>): readonly T[] =>
    [...families.values()].flatMap((family) => [...family.values()]);
  systemTimers.every(reportMs, () => {
    if (counts.size + gauges.size + observed.size === 0) return;
    tell({ type: 'measured', counts: all(counts), gauges: all(gauges), observed: all(observed) });
    for (const families of [counts, gauges, observed]) families.clear();
  });
  return {
    count: (name, labels, by = 1) => {
      entry(counts, name, labels, () => ({ name, labels, value: 0 })).value += by;
    },
    gauge: (name, value, labels) => {
      entry(gauges, name, labels, () => ({ name, labels, value })).value = value;
    },
    observe: (name, value, labels) => {
      entry(observed, name, labels, () => ({ name, labels, values: [] })).values.push(value);
    },
  };
}

async function run(): Promise<void> {
  const proxy = await startProxy(
    { clock: systemClock, timers: systemTimers, log: reportingLogger(), metrics: reportingMetrics() },
    workerData as IngressWorkerData,
  );
  parentPort?.on('message', (command: IngressCommand) => {
    if (command.type === 'apply') proxy.apply(command.table);
    else
      void proxy.close().then(() => {
        tell({ type: 'closed' });
      });
  });
  tell({ type: 'listening' });
}

run().catch((error: unknown) => {
  tell({ type: 'refused', message: errorMessage(error) });
});
