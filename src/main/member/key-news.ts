/** Tells clients and nodes which authorities to believe and which step of a rotation all members have taken. */
import { resources } from '../../api/index.ts';
import { localClient, type ResourceView, systemUser } from '../../resources/index.ts';
import { memberRecords } from '../../shards/index.ts';
import { type NodeKeys, nodeKeys, publishNodeKeys, takenAnnotation } from '../join/index.ts';
import type { NodeStanding, RotationStep } from '../rotation/index.ts';
import type { PublishMembers } from './bootstrap.ts';
import type { MemberOptions } from './ports.ts';
import type { WritePath } from './write-path.ts';

interface Data {
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>> | undefined;
}

type NewsParts = Pick<WritePath, 'store' | 'view' | 'service'> & { readonly publish: PublishMembers };

const rootMap = 'kube-root-ca.crt';
const authenticationMap = 'extension-apiserver-authentication';

/**
 * Publishes the authorities to aggregated API servers, to joining machines and to pods, then the step to nodes. Answers
 * what is not there yet: it is to be called again then.
 */
export async function publishStep(
  { pki }: MemberOptions,
  { store, view, service, publish }: NewsParts,
  { id, step }: { readonly id: string; readonly step: RotationStep },
): Promise<readonly string[]> {
  const client = localClient(service, systemUser);
  const shown = view.get<Data>(resources.configMaps, nodeKeys.namespace, authenticationMap)?.data ?? {};
  if (shown['client-ca-file'] !== pki.ca || shown['requestheader-client-ca-file'] !== pki.frontProxy.ca) {
    const data = { 'client-ca-file': pki.ca, 'requestheader-client-ca-file': pki.frontProxy.ca };
    const map = { ...resources.configMaps, namespace: nodeKeys.namespace, name: authenticationMap };
    await client.patch(map, { type: 'merge', body: { data } });
    await publish(memberRecords(store));
  }
  const behind = namespacesBehind(view, pki.ca);
  if (behind > 0) return [`${rootMap} of ${String(behind)} namespaces`];
  const told = view.get<{ readonly data?: NodeKeys }>(resources.configMaps, nodeKeys.namespace, nodeKeys.name)?.data;
  if (told?.rotation !== id || told.step !== step)
    await publishNodeKeys(client, { 'ca.crt': pki.ca, rotation: id, step });
  return [];
}

/** How many namespaces tell their pods of other authorities. */
function namespacesBehind(view: ResourceView, ca: string): number {
  const open = view
    .list<{ readonly metadata: { readonly name: string; readonly deletionTimestamp?: string } }>(resources.namespaces)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return open.filter(
    ({ metadata }) => view.get<Data>(resources.configMaps, metadata.name, rootMap)?.data?.['ca.crt'] !== ca,
  ).length;
}

interface NodeObject {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> | undefined };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] } | undefined;
}

/** All nodes, with the step that their Leases tell of. */
export function nodeStandings(view: ResourceView): readonly NodeStanding[] {
  return view.list<NodeObject>(resources.nodes).map(({ metadata: { name }, status }) => {
    const lease = view.get<NodeObject>(resources.leases, 'kube-node-lease', name);
    const [id, step] = (lease?.metadata.annotations?.[takenAnnotation] ?? '').split('/');
    return {
      name,
      ready:
        status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true,
      taken: id === undefined || step === undefined ? undefined : { id, step: step as RotationStep },
    };
  });
}
