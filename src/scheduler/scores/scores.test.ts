import test from 'ava';
import type { New, PodSpec } from '../../api/index.ts';
import type { ClusterState } from '../cluster-state.ts';
import { aCluster, aNode, aPod, type NodeParts, type PodParts } from '../cluster.fixture.ts';
import { podInfo } from '../pod-info.ts';
import { imageLocality } from './image-locality.ts';
import { interPodAffinityPreference } from './inter-pod-affinity.ts';
import { nodeAffinityPreference, taintPreference } from './preferences.ts';
import { balancedAllocation, leastAllocated } from './resources.ts';
import { normalized, type Score } from './score.ts';
import { topologySpread } from './topology-spread.ts';

const nodes = (...parts: readonly NodeParts[]): ClusterState =>
  aCluster(parts.map((part, index) => aNode(`n${String(index)}`, part)));

/** The score of each node; undefined when the score has nothing to say of the pod. */
function scores(score: Score, pod: PodParts, state: ClusterState): readonly number[] | undefined {
  const values = score.score(podInfo(aPod(pod)), state.order, state);
  return values === undefined ? undefined : Array.from(values);
}

const soft = { key: 'k', value: 'v', effect: 'PreferNoSchedule' } as const;

test('raw scores are scaled so that the highest, or the lowest, is the best', (t) => {
  t.deepEqual([...normalized(Float64Array.of(0, 1, 2), false)], [0, 50, 100]);
  t.deepEqual([...normalized(Float64Array.of(0, 1, 2), true)], [100, 50, 0]);
  t.deepEqual([...normalized(Float64Array.of(0, 0), true)], [100, 100]);
  t.deepEqual([...normalized(Float64Array.of(0, 0), false)], [0, 0]);
});

test('TaintToleration: nodes with fewer untolerated soft taints are better', (t) => {
  const state = nodes({ spec: { taints: [soft, { ...soft, key: 'l' }] } }, { spec: { taints: [soft] } }, {});
  t.deepEqual(scores(taintPreference, {}, state), [0, 50, 100]);
  t.deepEqual(scores(taintPreference, { spec: { tolerations: [{ key: 'k', value: 'v' }] } }, state), [0, 100, 100]);
  t.is(scores(taintPreference, {}, nodes({}, {})), undefined);
});

test('NodeAffinity: the weights of the preferred terms that a node fits add up', (t) => {
  const prefers = (weight: number, key: string) => ({
    weight,
    preference: { matchExpressions: [{ key, operator: 'Exists' as const }] },
  });
  const spec: New<PodSpec> = {
    affinity: {
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [prefers(1, 'disk'), prefers(3, 'gpu')] },
    },
  };
  const state = nodes({ labels: { disk: '' } }, { labels: { disk: '', gpu: '' } }, {});
  t.deepEqual(scores(nodeAffinityPreference, { spec }, state), [25, 100, 0]);
  t.is(scores(nodeAffinityPreference, {}, state), undefined);
});

test('NodeResourcesFit: the emptier node is better', (t) => {
  const state = nodes({ cpu: '2', memory: '2Gi' }, { cpu: '4', memory: '4Gi' });
  t.deepEqual(scores(leastAllocated, { cpu: '1', memory: '1Gi' }, state), [50, 75]);
});

test('NodeResourcesFit: a container without requests is taken to need 100m and 200Mi', (t) => {
  const state = nodes({ cpu: '1', memory: '2000Mi' });
  t.deepEqual(scores(leastAllocated, {}, state), [90]);
});

test('NodeResourcesBalancedAllocation: CPU and memory used to the same part are best', (t) => {
  const state = nodes({ cpu: '4', memory: '4Gi' }, { cpu: '4', memory: '2Gi' });
  t.deepEqual(scores(balancedAllocation, { cpu: '1', memory: '1Gi' }, state), [100, 87]);
});

test('ImageLocality: a node that has a large image is better, an image that all have says nothing', (t) => {
  const image = { names: ['i:1'], sizeBytes: 900 * 1024 * 1024 };
  const [without = 0, having = 0] = scores(imageLocality, {}, nodes({}, { images: [image] })) ?? [];
  t.true(having > without);
  t.is(scores(imageLocality, {}, nodes({}, {})), undefined);
});

test('PodTopologySpread: siblings of one controller pull apart', (t) => {
  const state = nodes({}, {});
  state.putPod(podInfo(aPod({ owner: 'rs' })), 'n0');
  const [crowded = 0, empty = 0] = scores(topologySpread, { owner: 'rs' }, state) ?? [];
  t.true(empty > crowded);
  t.is(scores(topologySpread, { owner: 'other' }, state), undefined);
  t.is(scores(topologySpread, {}, state), undefined);
});

test('PodTopologySpread: a node without the label of a preferred spread is the last choice', (t) => {
  const state = nodes({ labels: { zone: 'a' } }, { labels: { zone: 'b' } }, {});
  state.putPod(podInfo(aPod({ labels: { app: 'x' } })), 'n0');
  const spec: New<PodSpec> = {
    topologySpreadConstraints: [
      {
        maxSkew: 2,
        topologyKey: 'zone',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { app: 'x' } },
      },
    ],
  };
  const [crowded = 0, empty = 0, nowhere = 0] = scores(topologySpread, { labels: { app: 'x' }, spec }, state) ?? [];
  t.deepEqual([empty > crowded, crowded > nowhere, nowhere], [true, true, 0]);
});

test('InterPodAffinity: preferred terms pull to a domain and push from it', (t) => {
  const state = nodes({ labels: { zone: 'a' } }, { labels: { zone: 'b' } });
  state.putPod(podInfo(aPod({ labels: { app: 'db' } })), 'n0');
  const terms = {
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 10, podAffinityTerm: { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'db' } } } },
    ],
  };
  t.deepEqual(scores(interPodAffinityPreference, { spec: { affinity: { podAffinity: terms } } }, state), [100, 0]);
  t.deepEqual(scores(interPodAffinityPreference, { spec: { affinity: { podAntiAffinity: terms } } }, state), [0, 100]);
  t.is(scores(interPodAffinityPreference, {}, state), undefined);
});
