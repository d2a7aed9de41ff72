/** The controller that makes the IngressClass. */
import { type IngressClass, type Node, resources, sameResource, StatusError } from '../api/index.ts';
import { defaultClassAnnotation, ingressController } from '../protocol/index.ts';
import type { ObjectChange } from '../resources/index.ts';
import { type IngressControllerPorts, nodeMatters, servingAddresses } from './status-controller.ts';

/**
 * Makes the IngressClass once a node serves, as the default one where there is none yet; after that it is the
 * administrator's. A cluster without nodes, or whose nodes do not serve, has no such class.
 */
export function ingressClassController(className: string) {
  return {
    name: 'ingress-class-controller',
    resource: resources.ingressClasses,
    watches: [resources.nodes, resources.ingressClasses],
    initialKeys: () => [className],
    keysFor(change: ObjectChange): readonly string[] {
      if (sameResource(change.resource, resources.nodes)) return nodeMatters(change) ? [className] : [];
      return sameResource(change.resource, resources.ingressClasses) &&
        change.type === 'delete' &&
        change.object.metadata.name === className
        ? [className]
        : [];
    },
    reconcile: (key: string, ports: IngressControllerPorts) => ensureClass(key, ports),
  };
}

async function ensureClass(name: string, { view, client }: IngressControllerPorts): Promise<undefined> {
  if (
    view.get(resources.ingressClasses, undefined, name) !== undefined ||
    servingAddresses(view.list<Node>(resources.nodes)).length === 0
  )
    return;
  const taken = view
    .list<IngressClass>(resources.ingressClasses)
    .some(({ metadata }) => metadata.annotations?.[defaultClassAnnotation] === 'true');
  try {
    await client.create(resources.ingressClasses, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name, annotations: taken ? undefined : { [defaultClassAnnotation]: 'true' } },
      spec: { controller: ingressController },
    });
  } catch (error) {
    if (!(error instanceof StatusError && error.reason === 'AlreadyExists')) throw error;
  }
}
