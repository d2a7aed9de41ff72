/** The controller of Ingress status and events. */
import {
  deepEqual,
  type Ingress,
  type IngressBackend,
  type IngressClass,
  type Node,
  resources,
  sameResource,
  StatusError,
} from '../api/index.ts';
import { ingressPortsAnnotation, outsideAddresses, servedIngresses, tlsSecretNames } from '../protocol/index.ts';
import type { ObjectChange, ResourceClient, ResourceView } from '../resources/index.ts';
import { problemsOf } from './route-table.ts';
import { viewFacts } from './view-facts.ts';

/** What the controllers of this folder need of those that run them. */
export interface IngressControllerPorts {
  readonly view: ResourceView;
  readonly client: ResourceClient;
  event(object: unknown, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

const manager = 'troupe-ingress';

/**
 * Says on each Ingress where it is reached (the addresses of the nodes that serve), and by Warning events what keeps it
 * from being served as it says. A status is taken back when the class changes, but only one that was written here.
 */
export function ingressStatusController() {
  const memory: Memory = { addresses: undefined };
  return {
    name: 'ingress-controller',
    resource: resources.ingresses,
    watches: [resources.ingresses, resources.ingressClasses, resources.nodes, resources.services, resources.secrets],
    reset: (): void => {
      memory.addresses = undefined;
    },
    keysFor(change: ObjectChange, ports: IngressControllerPorts): readonly string[] {
      if (!sameResource(change.resource, resources.nodes)) return keysFor(change, ports);
      if (!nodeMatters(change)) return [];
      memory.addresses = undefined;
      return allKeys(ports.view);
    },
    reconcile: (key: string, ports: IngressControllerPorts) => reconcile(key, ports, memory),
  };
}

/** The nodes are looked through once for all Ingresses, not once for each. */
interface Memory {
  /** Where Ingresses are reached; undefined since a node changed that. */
  addresses: readonly string[] | undefined;
}

function keysFor(change: ObjectChange, { view }: IngressControllerPorts): readonly string[] {
  const { resource } = change;
  if (sameResource(resource, resources.ingresses))
    return change.type === 'put' ? [keyOf(change.object as Ingress)] : [];
  if (sameResource(resource, resources.ingressClasses)) return allKeys(view);
  const names = sameResource(resource, resources.services)
    ? serviceNames
    : sameResource(resource, resources.secrets)
      ? tlsSecretNames
      : undefined;
  if (names === undefined) return [];
  const { metadata } = change.object;
  return view
    .list<Ingress>(resources.ingresses, metadata.namespace)
    .filter((ingress) => names(ingress).includes(metadata.name ?? ''))
    .map(keyOf);
}

async function reconcile(
  key: string,
  { view, client, event }: IngressControllerPorts,
  memory: Memory,
): Promise<undefined> {
  const [namespace = '', name = ''] = key.split('/');
  const ingress = view.get<Ingress>(resources.ingresses, namespace, name);
  if (ingress === undefined || ingress.metadata.deletionTimestamp !== undefined) return;
  const served = servedIngresses(
    view.list<Ingress>(resources.ingresses),
    view.list<IngressClass>(resources.ingressClasses),
  );
  const isServed = served.some(({ metadata }) => metadata.uid === ingress.metadata.uid);
  const addresses = isServed ? (memory.addresses ??= servingAddresses(view.list<Node>(resources.nodes))) : [];
  const wanted = addresses.map((ip) => ({ ip }));
  const shown = ingress.status?.loadBalancer?.ingress ?? [];
  if (!deepEqual(shown, wanted) && (wanted.length > 0 || ownsStatus(ingress))) {
    await writeStatus(client, ingress, wanted);
    return;
  }
  if (!isServed) return;
  if (addresses.length === 0)
    event(ingress, 'Warning', 'NotServed', 'no node serves ingresses: its ports are taken there, or it is not ready');
  for (const problem of problemsOf(ingress, served, viewFacts(view)))
    event(ingress, 'Warning', problem.reason, problem.message);
}

async function writeStatus(
  client: ResourceClient,
  { metadata }: Ingress,
  wanted: readonly { readonly ip: string }[],
): Promise<void> {
  const body = {
    metadata: { resourceVersion: metadata.resourceVersion },
    status: { loadBalancer: { ingress: wanted.length === 0 ? null : wanted } },
  };
  try {
    await client.patch(
      { ...resources.ingresses, namespace: metadata.namespace ?? '', name: metadata.name ?? '' },
      { type: 'merge', body },
      { subresource: 'status', fieldManager: manager },
    );
  } catch (error) {
    if (!(error instanceof StatusError && error.reason === 'NotFound')) throw error;
  }
}

const keyOf = ({ metadata }: Ingress): string => `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
const allKeys = (view: ResourceView): readonly string[] => view.list<Ingress>(resources.ingresses).map(keyOf);

function ownsStatus({ metadata }: Ingress): boolean {
  return metadata.managedFields?.some((entry) => entry.manager === manager && entry.subresource === 'status') === true;
}

function serviceNames({ spec }: Ingress): readonly string[] {
  const backends: readonly (IngressBackend | undefined)[] = [
    spec?.defaultBackend,
    ...(spec?.rules ?? []).flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend)),
  ];
  return backends.flatMap((backend) => (backend?.service === undefined ? [] : [backend.service.name]));
}

/** The addresses of nodes that say that they serve and may get traffic from outside, each once. */
export function servingAddresses(nodes: readonly Node[]): readonly string[] {
  return [...new Set(nodes.flatMap(addressesOf))].sort();
}

function addressesOf(node: Node): readonly string[] {
  const serves = node.metadata.annotations?.[ingressPortsAnnotation] !== undefined;
  return serves ? [...outsideAddresses(node).values()] : [];
}

/**
 * Whether a change of a Node changes where Ingresses are reached. Most are signs of life, which are not even parsed.
 */
export function nodeMatters(change: ObjectChange): boolean {
  const { facts } = change;
  if (
    facts !== undefined &&
    !facts.object.mentions(ingressPortsAnnotation) &&
    facts.previous?.mentions(ingressPortsAnnotation) !== true
  )
    return false;
  const { type, object, previous } = change;
  const before = previous === undefined ? [] : addressesOf(previous as Node);
  return !deepEqual(type === 'delete' ? [] : addressesOf(object as Node), before);
}
