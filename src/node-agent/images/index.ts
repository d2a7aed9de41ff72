/**
 * Images on the node: fetched by policy, removed when the disk is nearly full.
 *
 * Contract: a wish for an image ends in an outcome with upstream's reason and text, never in an exception; back-off
 * between wishes is the pod step's decision.
 */
export { Gate } from './gate.ts';
export { imageCollector } from './image-collection.ts';
export { type ImageOutcome, imagePuller, type ImagePuller } from './image-puller.ts';
export { pullCredentials } from './pull-secret.ts';
