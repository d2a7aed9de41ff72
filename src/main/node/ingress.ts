/** Serves Ingresses from a node: a thread carries the traffic, and exists only while there is an Ingress. */
import { createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { errorMessage, type Logger, type Metrics } from '../../base/index.ts';
import { type FollowedSecret, type NodeIngress, serveNodeIngress } from '../../ingress/index.ts';
import type { CertificatePair, IngressProxy } from '../../ingress/proxy/index.ts';
import { systemClock, systemTimers } from '../../platform/index.ts';
import { busView, type BusViewOptions, type ResourceClient, type ResourceView } from '../../resources/index.ts';
import type { IngressCommand, IngressReport, IngressWorkerData } from './ingress-worker.ts';
import { certificateAuthority } from '../keys/index.ts';
import type { IngressSettings } from '../process/index.ts';

interface NodeIngressPorts {
  readonly view: ResourceView;
  readonly client: ResourceClient;
  /** The options of the views of single Secrets. */
  readonly requests: Omit<BusViewOptions, 'queries'>;
  readonly log: Logger;
  readonly metrics: Metrics;
}

interface NodeIngressOptions {
  readonly nodeName: string;
  readonly settings: IngressSettings;
  readonly accessLog: boolean;
}

export function startNodeIngress(
  ports: NodeIngressPorts,
  { nodeName, settings, accessLog }: NodeIngressOptions,
): NodeIngress {
  const { httpPort, httpsPort, bind: host } = settings;
  let fallback: Promise<CertificatePair> | undefined;
  return serveNodeIngress({
    ...ports,
    nodeName,
    clock: systemClock,
    timers: systemTimers,
    ports: { http: httpPort, https: httpsPort },
    followSecret: (namespace, name, changed) => followSecret(ports.requests, { namespace, name }, changed),
    portsFree: async () => (await isFree(httpPort, host)) && (await isFree(httpsPort, host)),
    openProxy: async (ended) => {
      fallback ??= makeFallback();
      return openProxy(ports, { host, httpPort, httpsPort, accessLog, fallback: await fallback }, ended);
    },
  });
}

const fallbackDays = 3_650;

/** New in each process: it only tells clients that a host has no certificate of its own. */
async function makeFallback(): Promise<CertificatePair> {
  const { makeAuthority } = await certificateAuthority();
  return makeAuthority('Troupe default certificate', { now: systemClock.now(), days: fallbackDays });
}

/** A view of one Secret: a node may not list them. */
function followSecret(
  requests: Omit<BusViewOptions, 'queries'>,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  changed: () => void,
): FollowedSecret {
  const resource = { group: '', resource: 'secrets' };
  const view = busView({ ...requests, queries: [{ ...resource, namespace, fieldSelector: `metadata.name=${name}` }] });
  const stopListening = view.onChange(changed);
  return {
    get secret() {
      return view.get<NonNullable<FollowedSecret['secret']>>(resource, namespace, name);
    },
    synced: () => view.synced(),
    close: () => {
      stopListening();
      view.close();
    },
  };
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** The thread's memory, in MiB: a flood must not take that of the node's agent. */
const heapMax = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 };

function openProxy(
  { log, metrics }: NodeIngressPorts,
  data: IngressWorkerData,
  ended: () => void,
): Promise<Pick<IngressProxy, 'apply' | 'close'>> {
  const worker = new Worker(
    new URL(import.meta.url.endsWith('.ts') ? './ingress-worker.ts' : './ingress-worker.js', import.meta.url),
    { workerData: data, resourceLimits: heapMax },
  );
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      resolve();
    });
  });
  const tell = (command: IngressCommand): void => {
    worker.postMessage(command);
  };
  let closing = false;
  return new Promise((resolve, reject) => {
    worker.on('error', (error) => {
      log.error('the ingress proxy failed; restarting it', { error: errorMessage(error) });
      reject(error);
    });
    void exited.then(() => {
      metrics.gauge('troupe_ingress_connections', 0);
      reject(new Error('the ingress proxy ended while it started'));
      if (!closing) ended();
    });
    worker.on('message', (report: IngressReport) => {
      switch (report.type) {
        case 'listening':
          resolve({
            apply: (table) => {
              tell({ type: 'apply', table });
            },
            close: () => {
              closing = true;
              tell({ type: 'close' });
              return exited;
            },
          });
          return;
        case 'refused':
          closing = true;
          reject(new Error(report.message));
          void worker.terminate();
          return;
        case 'closed':
          void worker.terminate();
          return;
        case 'logged':
          log[report.level](report.message, report.fields);
          return;
        case 'measured':
          measure(metrics, report);
          return;
      }
    });
  });
}

function measure(
  metrics: Metrics,
  { counts, gauges, observed }: Extract<IngressReport, { readonly type: 'measured' }>,
): void {
  for (const { name, labels, value } of counts) metrics.count(name, labels, value);
  for (const { name, labels, value } of gauges) metrics.gauge(name, value, labels);
  for (const { name, labels, values } of observed) for (const value of values) metrics.observe(name, value, labels);
}
