/** Builds a member from ports, so that tests can give twins of the machine. */
import { type ApiServer, type Credentials, evictConnections } from '../../api-server/index.ts';
import { delay, errorMessage } from '../../base/index.ts';
import { type ApiEndpoints, keepApiEndpoints } from '../../controllers/index.ts';
import { localClient, putApiEndpoints, systemUser } from '../../resources/index.ts';
import { memberRecords, type Shards, withOwnPorts } from '../../shards/index.ts';
import type { StoreMember } from '../../state/index.ts';
import { bootstrapCluster, type PublishMembers } from './bootstrap.ts';
import { type Doors, openDoors } from './doors.ts';
import { openOwnership, type Ownership } from './ownership.ts';
import type { MemberOptions, MemberPorts } from './ports.ts';
import { startWork } from './work.ts';
import { openMemberStore, openWritePath, type WritePath } from './write-path.ts';

export interface Member {
  readonly api: ApiServer;
  readonly store: StoreMember;
  readonly credentials: Credentials;
  close(): Promise<void>;
}

/** How long a member that ends waits for another leader. */
const transferMs = 2_000;

/**
 * Opens the store, then the write path, both doors, the controllers and the scheduler. Resolves when the API answers
 * and this member may take shards. Rejects with what openMemberStore and the doors reject with.
 */
export async function startMember(ports: MemberPorts, options: MemberOptions): Promise<Member> {
  let stopping = false;
  const store = await openMemberStore(ports, options);
  const path = openWritePath(ports, options, store);
  const publish = await bootstrapCluster(ports, options, path);
  const ownership = openOwnership(ports, options, path);
  const { shards } = ownership;
  const doors = await openDoors(ports, options, { ...path, ...ownership, publish, stopping: () => stopping });
  const endpoints = openEndpoints(ports, options, { ...path, shards, publish });
  const eviction = openEviction(ports, { ...path, shards });
  const stopWork = startWork(ports, options, { ...path, shards, aggregator: doors.aggregator });
  shards.begin();
  return {
    api: doors.api,
    store,
    credentials: path.credentials,
    close: async () => {
      stopping = true;
      await handOver(ports, options, { store, shards, endpoints });
      eviction?.close();
      doors.closeRotation();
      doors.closeResourceMetrics();
      stopWork();
      await closeAll(path, ownership, doors);
    },
  };
}

/** Keeps this member among the endpoints of the Service `kubernetes`; undefined for a replica at another's port. */
function openEndpoints(
  { clock, timers, log }: MemberPorts,
  { name, record }: MemberOptions,
  parts: WritePath & { readonly shards: Shards; readonly publish: PublishMembers },
): ApiEndpoints | undefined {
  if (record.beside !== undefined) return undefined;
  const { store, view, writes, shards, publish } = parts;
  return keepApiEndpoints(
    {
      view,
      client: localClient(writes(), systemUser),
      shards,
      members: () => withOwnPorts(memberRecords(store)),
      put: (grant, endpoints) => putApiEndpoints({ service: writes(grant), store, clock, log }, endpoints),
      clock,
      timers,
      log,
    },
    { member: name, changed: publish },
  );
}

function openEviction(
  { connections, timers, log }: MemberPorts,
  { store, view, shards }: WritePath & { readonly shards: Shards },
): { close(): void } | undefined {
  if (connections === undefined) return undefined;
  const onMemberGone = (listener: (member: string) => void): (() => void) => shards.onGone(listener);
  return evictConnections({ store, view, onMemberGone, connections, timers, log });
}

interface HandOverParts {
  readonly store: StoreMember;
  readonly shards: Shards;
  readonly endpoints: ApiEndpoints | undefined;
}

/** The others take over one duty after the other while this member still does its share. */
async function handOver(
  ports: MemberPorts,
  { name }: MemberOptions,
  { store, shards, endpoints }: HandOverParts,
): Promise<void> {
  await Promise.all([endpoints?.leave(), transferLeadership(ports, store, name)]);
  endpoints?.close();
  await shards.leave();
}

/** A leader that stops spares the others the election. */
async function transferLeadership({ timers, log }: MemberPorts, store: StoreMember, member: string): Promise<void> {
  const { role, voters = [], progress = {} } = store.status();
  const [heir] = voters.filter((voter) => voter !== member).sort((a, b) => (progress[b] ?? 0) - (progress[a] ?? 0));
  if (role !== 'leader' || heir === undefined) return;
  await Promise.race([
    store.members.transferLeadership(heir).catch((error: unknown) => {
      log.info('cannot transfer the leadership; the others elect a leader', { error: errorMessage(error) });
    }),
    delay(timers, transferMs),
  ]);
}

async function closeAll(
  { access, service, store }: WritePath,
  { shards, supervision }: Ownership,
  { api, stopParticipants }: Doors,
): Promise<void> {
  stopParticipants();
  shards.close();
  supervision.close();
  await api.close();
  access.close();
  service.close();
  await store.close();
}
