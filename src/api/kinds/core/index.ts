/**
 * The kinds of the core group: pods and what they need, services and endpoints, configuration, namespaces, nodes, storage.
 */
import type { KindBehaviour } from '../behaviour.ts';
import { podBehaviour } from './pod/pod-behaviour.ts';

export const coreBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'core/pods': podBehaviour,
};
