import type { ObjectChange } from '../../resources/index.ts';
import {
  type Controller,
  type ControllerPorts,
  isAlreadyExists,
  isNamespaceTerminating,
  isNotFound,
  isOf,
  keyOf,
  nameOf,
  namespaceOf,
  refOf,
  stableText,
} from '../runtime/index.ts';
import { type Namespace, resources, type Stored } from '../objects.ts';
import { isOpen } from '../service-account/controller.ts';

const mapName = 'kube-root-ca.crt';
const annotations = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
};

/**
 * Puts the cluster's root certificate into a ConfigMap of every namespace, and repairs it. `certificates` is the PEM
 * text.
 */
export function rootCertificateController(certificates: string): Controller {
  return {
    name: 'root-ca-certificate-publisher',
    resource: resources.namespaces,
    watches: [resources.namespaces, resources.configMaps],
    keysFor,
    reconcile: (key, ports) => reconcile(key, ports, certificates),
  };
}

function keysFor(change: ObjectChange): readonly string[] {
  if (isOf(change, resources.namespaces)) return change.type === 'put' ? [keyOf(change.object)] : [];
  return isOf(change, resources.configMaps) && nameOf(change) === mapName ? [namespaceOf(change) ?? ''] : [];
}

async function reconcile(key: string, ports: ControllerPorts, certificates: string): Promise<undefined> {
  if (!isOpen(ports.view.get<Namespace>(resources.namespaces, undefined, key))) return;
  const data = { 'ca.crt': certificates };
  const current = ports.view.get<Stored>(resources.configMaps, key, mapName);
  try {
    if (current === undefined) {
      await ports.client.create(
        { ...resources.configMaps, namespace: key },
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: mapName, namespace: key, annotations }, data },
      );
    } else if (
      stableText(current['data']) !== stableText(data) ||
      current.metadata.annotations?.['kubernetes.io/description'] === undefined
    ) {
      await ports.client.update(refOf(resources.configMaps, current), {
        ...current,
        metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, ...annotations } },
        data,
      });
    }
  } catch (error) {
    if (!isAlreadyExists(error) && !isNamespaceTerminating(error) && !isNotFound(error)) throw error;
  }
}
