/** Removes a pod of a workload, and tells of it. */
import { type Pod, resources, type StoredObject } from '../../api/index.ts';
import { errorMessage } from '../../base/index.ts';
import { type ControllerPorts, deleteObject, isRefusal } from '../runtime/index.ts';

/** False when the API refused, which an Event says: the pod is to be removed later. */
export async function removePod(owner: StoredObject, pod: Pod, ports: ControllerPorts): Promise<boolean> {
  try {
    await deleteObject(ports, resources.pods, pod);
  } catch (error) {
    ports.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${errorMessage(error)}`);
    if (!isRefusal(error)) throw error;
    return false;
  }
  ports.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
  return true;
}
