/** Gives a pod's claims their devices and reserves them for it, before the pod is bound to its node (PreBind). */
import {
  deepEqual,
  deviceFinalizer,
  isReservedForPod,
  type Pod,
  podConsumer,
  type ResourceClaim,
  resources,
  StatusError,
} from '../api/index.ts';
import type { ResourceClient, Written } from '../resources/index.ts';
import type { ClaimBinding } from './devices/index.ts';

interface DevicePorts {
  readonly client: ResourceClient;
}

const { resourceClaims: claims } = resources;
/** Tries against others who write to the same claim. */
const triesMax = 8;
const isConflict = (error: unknown): boolean => error instanceof StatusError && error.reason === 'Conflict';
const isGone = (error: unknown): boolean => error instanceof StatusError && error.code === 404;

/**
 * Writes allocations and reservations, claim by claim. Resolves with why a claim cannot be had; undefined: the pod has
 * all of them. Other refusals reject with StatusError. What was written stays; `giveBack` takes it back.
 */
export async function bindDevices(
  { client }: DevicePorts,
  pod: Pod,
  bindings: readonly ClaimBinding[],
): Promise<string | undefined> {
  for (const { claim, allocation } of bindings) {
    const problem = await changing(client, claim, async (current) => {
      const { status } = current;
      if (status?.allocation !== undefined && !deepEqual(status.allocation, plain(allocation)))
        return `resourceclaim "${claim.metadata.name}" has got other devices meanwhile`;
      if (current.metadata.deletionTimestamp !== undefined)
        return `resourceclaim "${claim.metadata.name}" is being deleted`;
      if (status?.allocation !== undefined && isReservedForPod(current, pod.metadata.uid)) return undefined;
      const held = status?.allocation === undefined ? await holding(client, current) : current;
      const reservedFor = [...(status?.reservedFor ?? []), podConsumer(pod)];
      await writeStatus(client, held, { allocation, reservedFor });
      return undefined;
    });
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/**
 * Ends the reservations of a pod that did not get its node, and gives devices back that nobody else has reserved. For
 * claims that are gone or have changed there is nothing to do: their controller looks after them.
 */
export async function giveBack({ client }: DevicePorts, pod: Pod, released: readonly ResourceClaim[]): Promise<void> {
  for (const claim of released)
    await changing(client, claim, async (current) => {
      const { allocation, reservedFor = [] } = current.status ?? {};
      const others = reservedFor.filter(({ uid }) => uid !== pod.metadata.uid);
      if (allocation === undefined || (others.length > 0 && others.length === reservedFor.length)) return undefined;
      const isHeld = (current.metadata.finalizers ?? []).includes(deviceFinalizer);
      const frees = others.length === 0 && isHeld;
      await writeStatus(client, current, { allocation: frees ? null : undefined, reservedFor: others });
      return undefined;
    });
}

/** Runs `write` on the claim as it is now, again when somebody else wrote to it meanwhile. */
async function changing(
  client: ResourceClient,
  { metadata }: ResourceClaim,
  write: (current: ResourceClaim) => Promise<string | undefined>,
): Promise<string | undefined> {
  const { name, namespace, uid } = metadata;
  for (let tries = 1; ; tries++) {
    try {
      const current = await client.get<ResourceClaim>({ ...claims, namespace, name });
      return current.metadata.uid === uid ? await write(current) : `resourceclaim "${name}" is gone`;
    } catch (error) {
      if (isGone(error)) return `resourceclaim "${name}" is gone`;
      if (!isConflict(error) || tries >= triesMax) throw error;
    }
  }
}

const refOf = ({
  metadata: { name, namespace },
}: ResourceClaim): { readonly name: string; readonly namespace: string } & typeof claims => ({
  ...claims,
  namespace,
  name,
});

/** A claim with devices is not deleted before these are given back. */
async function holding(client: ResourceClient, claim: ResourceClaim): Promise<ResourceClaim> {
  const { finalizers = [], uid, resourceVersion } = claim.metadata;
  if (finalizers.includes(deviceFinalizer)) return claim;
  const metadata = { uid, resourceVersion, finalizers: [...finalizers, deviceFinalizer] };
  const written: Written<ResourceClaim> = await client.patch<ResourceClaim>(refOf(claim), {
    type: 'merge',
    body: { metadata },
  });
  return written.object;
}

async function writeStatus(client: ResourceClient, claim: ResourceClaim, status: object): Promise<void> {
  const { uid, resourceVersion } = claim.metadata;
  const body = { metadata: { uid, resourceVersion }, status };
  await client.patch(refOf(claim), { type: 'merge', body }, { subresource: 'status' });
}

/** As it is read again: fields that are undefined are absent. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;
