/** The score ImageLocality: images that the node has already. */
import { nonEphemeralContainers } from '../../api/index.ts';
import type { ClusterState } from '../cluster-state.ts';
import { marks } from '../node-columns.ts';
import type { NodeState } from '../node-state.ts';
import type { PodInfo } from '../pod-info.ts';
import { type Score, scoreMax } from './score.ts';

const mebibyte = 1024 * 1024;
const smallest = 23 * mebibyte;
const largestPerContainer = 1000 * mebibyte;

/** An image name as nodes list it: with a tag. */
function withTag(image: string): string {
  return image.includes('@') || image.lastIndexOf(':') > image.lastIndexOf('/') ? image : `${image}:latest`;
}

function imagesOf({ pod }: PodInfo): readonly string[] {
  return nonEphemeralContainers(pod).flatMap(({ image }) => (image === undefined ? [] : [withTag(image)]));
}

function bytesPresent(images: readonly string[], node: NodeState, spread: (image: string) => number): number {
  return images.reduce((sum, image) => {
    const size = node.images.get(image);
    return size === undefined ? sum : sum + Math.floor(size * spread(image));
  }, 0);
}

/** The part of the nodes that have an image: a rare image shall not draw all pods to one node. */
function spreadOf(nodes: readonly NodeState[], cluster: ClusterState): (image: string) => number {
  const known = new Map<string, number>();
  return (image) => {
    const spread =
      known.get(image) ??
      nodes.reduce((count, node) => (node.images.has(image) ? count + 1 : count), 0) /
        Math.max(1, Math.min(nodes.length, cluster.nodes.size));
    known.set(image, spread);
    return spread;
  };
}

/** Prefers nodes that have the pod's images, by their size. */
export const imageLocality: Score = {
  name: 'ImageLocality',
  weight: 1,
  score: (pod, nodes, cluster) => {
    if (!cluster.columns.some(nodes, marks.images)) return undefined;
    const images = imagesOf(pod);
    const spread = spreadOf(nodes, cluster);
    const largest = largestPerContainer * images.length;
    return Float64Array.from(nodes, (node) => {
      const bytes = Math.min(Math.max(bytesPresent(images, node, spread), smallest), largest);
      return Math.floor((scoreMax * (bytes - smallest)) / (largest - smallest));
    });
  },
};
