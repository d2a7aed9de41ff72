/** How many volumes of which kind pods want and have, as monitoring knows it from a kubelet's volume manager. */
import { isConditionTrue, type PersistentVolume, type Pod, resources, type Volume } from '../../api/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import type { MetricFamily } from '../kubelet/index.ts';
import { usedVolumes } from './used-volumes.ts';

/** The kinds of volumes by the field that asks for them, under the kubelet's names for their plug-ins. */
const plugins = {
  emptyDir: 'empty-dir',
  configMap: 'configmap',
  secret: 'secret',
  downwardAPI: 'downward-api',
  projected: 'projected',
  hostPath: 'host-path',
  local: 'local-volume',
  nfs: 'nfs',
  image: 'image',
} as const;

function pluginOf(source: object): string {
  const { csi } = source as { readonly csi?: { readonly driver: string } };
  if (csi !== undefined) return `kubernetes.io/csi:${csi.driver}`;
  const field = Object.keys(plugins).find((name) => Object.hasOwn(source, name)) as keyof typeof plugins | undefined;
  return field === undefined ? 'N/A' : `kubernetes.io/${plugins[field]}`;
}

/** What the volume is in the end: a claim is what it is bound to. */
function sourceOf(pod: Pod, volume: Volume, bound: ReadonlyMap<string, PersistentVolume>): object {
  const { persistentVolumeClaim: claim, ephemeral, name } = volume;
  if (claim === undefined && ephemeral === undefined) return volume;
  const claimName = claim?.claimName ?? `${pod.metadata.name}-${name}`;
  return bound.get(`${pod.metadata.namespace}/${claimName}`)?.spec ?? {};
}

/** `desired`: of all pods that have not ended; `actual`: of those whose volumes are there. */
export function volumeCounts(pods: readonly Pod[], view: ResourceView): MetricFamily {
  const bound = new Map(
    view
      .list<PersistentVolume>(resources.persistentVolumes)
      .map((volume) => [`${volume.spec.claimRef?.namespace}/${volume.spec.claimRef?.name}`, volume]),
  );
  const isSetUp = ({ status }: Pod): boolean => isConditionTrue(status?.conditions, 'PodReadyToStartContainers');
  const series = (state: string, of: readonly Pod[]): MetricFamily['series'] => {
    const names = of.flatMap((pod) => usedVolumes(pod).map((volume) => pluginOf(sourceOf(pod, volume, bound))));
    return [...Map.groupBy(names, (name) => name)].map(([name, { length: value }]) => ({
      labels: { plugin_name: name, state },
      value,
    }));
  };
  return {
    name: 'volume_manager_total_volumes',
    type: 'gauge',
    help: 'Volumes of pods by kind: those that are wanted, and those that are there.',
    series: [...series('desired_state_of_world', pods), ...series('actual_state_of_world', pods.filter(isSetUp))],
  };
}
