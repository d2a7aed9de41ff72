/**
 * The API for Troupe's own parts: in a member straight on the write path and the replica, on a node over the bus.
 * Controllers and agents know the two ports only (ResourceClient, ResourceView), so that the same code runs on either
 * side.
 */
export { busClient } from './bus-client.ts';

export { busView, type BusViewOptions } from './bus-view.ts';
export { localClient } from './local-client.ts';
export { storeView } from './store-view.ts';
