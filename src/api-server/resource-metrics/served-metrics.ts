/** Serves the resource metrics API (metrics.k8s.io) once a node has reported. */
import { type GroupResource, type KubeObject, StatusError } from '../../api/index.ts';
import { type Clock, errorMessage, type Logger } from '../../base/index.ts';
import { type Bus, subjectsOf } from '../../bus/index.ts';
import type { ResourceClient, ResourceView } from '../../resources/index.ts';
import type { OwnApi } from '../aggregation/index.ts';
import { openResourceMetrics } from './metrics-source.ts';

interface ServedMetricsOptions {
  readonly cluster: string;
  /** Off: another metrics server can be installed. */
  readonly enabled: boolean;
}

interface ServedMetricsPorts {
  readonly bus: Bus;
  readonly view: ResourceView;
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly log: Logger;
}

interface ServedMetrics {
  /** For the aggregator; none when switched off. */
  readonly own: readonly OwnApi[];
  close(): void;
}

interface Kept {
  readonly ref: GroupResource & { readonly version: string; readonly name: string };
  readonly object: object;
}

interface ApiService extends KubeObject {
  readonly spec?: { readonly service?: object };
}

const managedBy = 'app.kubernetes.io/managed-by';
const rbac = 'rbac.authorization.k8s.io';
const aggregated = Object.fromEntries(
  ['view', 'edit', 'admin'].map((role) => [`${rbac}/aggregate-to-${role}`, 'true']),
);

const apiService: Kept = {
  ref: { group: 'apiregistration.k8s.io', resource: 'apiservices', version: 'v1', name: 'v1beta1.metrics.k8s.io' },
  object: {
    kind: 'APIService',
    apiVersion: 'apiregistration.k8s.io/v1',
    metadata: { name: 'v1beta1.metrics.k8s.io', labels: { [managedBy]: 'troupe' } },
    spec: { group: 'metrics.k8s.io', version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100 },
  },
};
const readerRole: Kept = {
  ref: { group: rbac, resource: 'clusterroles', version: 'v1', name: 'system:aggregated-metrics-reader' },
  object: {
    kind: 'ClusterRole',
    apiVersion: `${rbac}/v1`,
    metadata: { name: 'system:aggregated-metrics-reader', labels: { [managedBy]: 'troupe', ...aggregated } },
    rules: [{ apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] }],
  },
};
/** In the order they are made: the APIService last, since it makes the API known. */
const objects = [readerRole, apiService];

/**
 * Serves the resource metrics API once a node has reported: a cluster without nodes has none, as a Kubernetes API
 * server without a metrics server. From then on the APIService stands for it; a Service in it, or another's APIService,
 * takes the group over.
 */
export function serveResourceMetrics(
  ports: ServedMetricsPorts,
  { cluster, enabled }: ServedMetricsOptions,
): ServedMetrics {
  if (!enabled) {
    void withdraw(ports);
    return { own: [], close: () => undefined };
  }
  let busy = false;
  const reported = (): void => {
    if (busy || ports.view.get(apiService.ref, undefined, apiService.ref.name) !== undefined) return;
    busy = true;
    void offer(ports).finally(() => {
      busy = false;
    });
  };
  const metrics = openResourceMetrics({ ...ports, subjects: subjectsOf(cluster), reported });
  return {
    own: [metrics.api],
    close: () => {
      metrics.close();
    },
  };
}

/** A failure is retried at the next report. */
async function offer({ client, log }: ServedMetricsPorts): Promise<void> {
  try {
    for (const { ref, object } of objects) {
      await client.create(ref, object).catch((error: unknown) => {
        if (!(error instanceof StatusError && error.reason === 'AlreadyExists')) throw error;
      });
    }
  } catch (error) {
    log.info('cannot offer the resource metrics API yet; retrying at the next report', { error: errorMessage(error) });
  }
}

/** Takes back what an earlier start made, so that another metrics server can be installed by any means. */
async function withdraw({ client, view, log }: ServedMetricsPorts): Promise<void> {
  const found = view.get<ApiService>(apiService.ref, undefined, apiService.ref.name);
  if (found?.metadata.labels?.[managedBy] !== 'troupe' || found.spec?.service !== undefined) return;
  try {
    for (const { ref } of objects)
      await client.delete(ref).catch((error: unknown) => {
        if (!(error instanceof StatusError && error.reason === 'NotFound')) throw error;
      });
  } catch (error) {
    log.warn(
      'cannot remove the resource metrics API; ' +
        'delete APIService v1beta1.metrics.k8s.io and ClusterRole system:aggregated-metrics-reader',
      { error: errorMessage(error) },
    );
  }
}
