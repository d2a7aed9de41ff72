/**
 * The kinds of the group apps: workloads that keep pods running, and the record of their past templates.
 */
import type { KindBehaviour } from '../behaviour.ts';
import { controllerRevisionBehaviour } from './controller-revision.ts';
import { daemonSetBehaviour } from './daemon-set.ts';
import { deploymentBehaviour } from './deployment.ts';
import { replicaSetBehaviour } from './replica-set.ts';
import { statefulSetBehaviour } from './stateful-set.ts';

export const appsBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'apps/controllerrevisions': controllerRevisionBehaviour,
  'apps/daemonsets': daemonSetBehaviour,
  'apps/deployments': deploymentBehaviour,
  'apps/replicasets': replicaSetBehaviour,
  'apps/statefulsets': statefulSetBehaviour,
};
