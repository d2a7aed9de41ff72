/** The filter VolumeZone: volumes that say by labels in which zone or region they are. */
import type { Labels } from '../../api/index.ts';
import { podVolumes } from '../pod-volumes.ts';
import type { Filter, Rejection } from './filter.ts';

/** Each label, and the one by which nodes say the same now. */
const topologyLabels: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
};
const rejection: Rejection = { reasons: ['node(s) had no available volume zone'], resolvable: false };

/** A volume in several zones has them all in one value. */
const placesOf = (labels: Labels): readonly (readonly [key: string, values: readonly string[]])[] =>
  Object.keys(topologyLabels).flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [[key, value.split('__')] as const];
  });

/** Bound volumes must be where the node is. A node that says nothing of where it is takes all of them. */
export const volumeZone: Filter = {
  name: 'VolumeZone',
  prepare: (pod, { lookup }) => {
    if (pod.claims.length === 0) return undefined;
    const volumes = podVolumes(pod.pod, lookup);
    if ('refusal' in volumes) return volumes;
    const places = volumes.bound.flatMap(({ metadata }) => placesOf(metadata.labels ?? {}));
    if (places.length === 0) return undefined;
    return ({ labels }) => {
      if (Object.keys(topologyLabels).every((key) => labels[key] === undefined)) return undefined;
      const isHere = places.every(([key, values]) =>
        values.includes(labels[key] ?? labels[topologyLabels[key] ?? ''] ?? ''),
      );
      return isHere ? undefined : rejection;
    };
  },
};
