/** Step 3 of a member: the store catches up and holds what every cluster holds. */
import { endpointsOf } from '../../controllers/index.ts';
import { bootstrapObjects, localClient, repairAllocations, systemUser } from '../../resources/index.ts';
import { memberRecords, type MemberRecord, putMemberRecord, withOwnPorts } from '../../shards/index.ts';
import { type Store, StoreError } from '../../state/index.ts';
import { publishJoinObjects, publishNodeKeys } from '../join/index.ts';
import { networkRanges, optionalVersions, switchedOn } from '../process/index.ts';
import { isRotating } from '../rotation/index.ts';
import type { MemberOptions, MemberPorts } from './ports.ts';
import type { WritePath } from './write-path.ts';

/** Publishes what joining machines read of the members. */
export type PublishMembers = (members: readonly MemberRecord[]) => Promise<void>;

/**
 * Waits for a majority, however long that takes, then records this member and makes the objects that a cluster begins
 * with where they are missing.
 */
export async function bootstrapCluster(
  ports: MemberPorts,
  options: MemberOptions,
  { store, service }: WritePath,
): Promise<PublishMembers> {
  const { settings, pki } = options;
  await caughtUp(store);
  await putMemberRecord(store, options.record);
  await repairAllocations(store);
  const members = withOwnPorts(memberRecords(store));
  await bootstrapObjects({
    service,
    store,
    clock: ports.clock,
    log: ports.log,
    settings: {
      serviceCidrs: networkRanges(settings.network).serviceCidrs,
      apiEndpoints: endpointsOf(members, new Set(members.map(({ name }) => name))),
      endpointsKept: members.length > 1,
      clientCa: pki.ca,
      frontProxyCa: pki.frontProxy.ca,
      optionalVersions: optionalVersions(settings),
      features: switchedOn(settings.featureGates ?? {}),
    },
  });
  const publish: PublishMembers = async (known) => {
    if (settings.address !== '')
      await publishJoinObjects(localClient(service, systemUser), settings, {
        ca: pki.ca,
        members: withOwnPorts(known),
      });
  };
  if (!isRotating(store)) await publishNodeKeys(localClient(service, systemUser), { 'ca.crt': pki.ca });
  await publish(memberRecords(store));
  return publish;
}

/** Resolves when this replica has what the others have. */
async function caughtUp(store: Store): Promise<void> {
  for (;;) {
    try {
      await store.readBarrier();
      return;
    } catch (error) {
      if (!(error instanceof StoreError && error.retryable)) throw error;
    }
  }
}
