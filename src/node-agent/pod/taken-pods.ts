/** The pods that take up room on the node. */
import { isFinished, type Pod, resources } from '../../api/index.ts';
import type { PodPorts } from './pod-ports.ts';

/** The pods that this node has taken and that have not ended, with what each was given. */
export function takenPods(ports: PodPorts, except: string): readonly Pod[] {
  return ports.node.allocations.others(except).filter(({ metadata: { namespace, name = '', uid } }) => {
    const shown = ports.api.view.get<Pod>(resources.pods, namespace, name);
    return shown?.metadata.uid === uid && !isFinished(shown);
  });
}
