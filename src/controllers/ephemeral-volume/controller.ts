import {
  type Controller,
  type ControllerPorts,
  controllerReference,
  isAlreadyExists,
  isControlledBy,
  isNamespaceTerminating,
  isOf,
  keyOf,
  keyOfFacts,
  splitKey,
} from '../runtime/index.ts';
import { isFinished } from '../workload/index.ts';
import { type Pod, resources } from '../objects.ts';

interface ClaimTemplate {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: unknown;
}

const templatesOf = (pod: Pod): readonly { readonly name: string; readonly template: ClaimTemplate }[] =>
  (pod.spec.volumes ?? []).flatMap((volume) => {
    const template = (volume.ephemeral as { readonly volumeClaimTemplate?: ClaimTemplate } | undefined)
      ?.volumeClaimTemplate;
    return template === undefined ? [] : [{ name: `${pod.metadata.name}-${volume.name}`, template }];
  });

/** Makes the claims of pods' generic ephemeral volumes; they go with the pod, which owns them. */
export function ephemeralVolumeController(): Controller {
  return {
    name: 'ephemeral-volume-controller',
    eventSource: 'ephemeral_volume',
    resource: resources.pods,
    watches: [resources.pods],
    initialKeys: (ports) =>
      ports.view
        .facts<Pod>(resources.pods)
        .filter((pod) => pod.mentions('"volumeClaimTemplate"') && templatesOf(pod.object()).length > 0)
        .map(keyOfFacts),
    keysFor: (change) =>
      isOf(change, resources.pods) &&
      change.type === 'put' &&
      change.previous === undefined &&
      templatesOf(change.object as Pod).length > 0
        ? [keyOf(change.object)]
        : [],
    reconcile,
  };
}

async function reconcile(key: string, ports: ControllerPorts): Promise<undefined> {
  const { namespace, name } = splitKey(key);
  const pod = ports.view.get<Pod>(resources.pods, namespace, name);
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || isFinished(pod)) return;
  for (const wanted of templatesOf(pod)) {
    const known = ports.view.get(resources.persistentVolumeClaims, namespace, wanted.name);
    if (known !== undefined) {
      if (!isControlledBy(known, pod))
        ports.event(
          pod,
          'Warning',
          'FailedBinding',
          `ephemeral volume controller: PVC ${namespace}/${wanted.name} was not created for pod ${namespace}/${name} (pod is not owner)`,
        );
      continue;
    }
    const { labels, annotations } = wanted.template.metadata ?? {};
    const metadata = {
      name: wanted.name,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference({ ...pod, apiVersion: 'v1', kind: 'Pod' })],
    };
    try {
      await ports.client.create(
        { ...resources.persistentVolumeClaims, namespace },
        { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: wanted.template.spec },
      );
    } catch (error) {
      if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error;
    }
  }
}
