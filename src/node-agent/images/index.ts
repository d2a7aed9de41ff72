/**
 * Images on the node: fetched by policy, removed when the disk is nearly full.
 *
 * Contract: asking for an image ends in an outcome with the kubelet's reason and text, never in an exception; the pod
 * step decides on the back-off between tries.
 */
export { Gate } from './gate.ts';
export { imageCollector } from './image-collection.ts';
export { imagePolicy, type ImageSettings, pullsMaxOf } from './image-policy.ts';
export { imagePuller, type ImagePuller } from './image-puller.ts';
export { pullCredentials } from './pull-secret.ts';
