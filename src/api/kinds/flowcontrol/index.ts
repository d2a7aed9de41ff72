/** Priority and fairness: which requests wait where when the API is busy. */
import type { KindBehaviour } from '../behaviour.ts';
import { flowSchemaBehaviour } from './flow-schema.ts';
import { priorityLevelBehaviour } from './priority-level.ts';

export { fixedFlowSchemas, fixedPriorityLevels } from './fixed.ts';

export const flowcontrolBehaviours: Readonly<Record<string, KindBehaviour>> = {
  'flowcontrol.apiserver.k8s.io/flowschemas': flowSchemaBehaviour,
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': priorityLevelBehaviour,
};
