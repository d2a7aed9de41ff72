/** Making and removing what a pod has on the machine beside its containers. */
import { errorMessage, type Timer } from '../../base/index.ts';
import { sandboxPlan, takesUserRange } from '../container/index.ts';
import type { ImageVolumeSource, Pod } from '../../api/index.ts';
import { ClaimSetupError } from '../device-claims/index.ts';
import { pullCredentials } from '../images/index.ts';
import type { PodLinks } from '../network/index.ts';
import { retryWhileUnreachable } from '../retry.ts';
import {
  clusterLabels,
  type ContainerFacts,
  labels,
  listedAddresses,
  RuntimeError,
  type UserRange,
} from '../runtime/index.ts';
import { hostsFile, prepareVolumes, type PreparedVolumes, resolvConf, VolumeSetupError } from '../volumes/index.ts';
import { createOrReplace, engineRuntimeOf, podFacts, urgency } from './container-work.ts';
import type { PodInput } from './pod-messages.ts';
import type { PodContext, PodPorts } from './pod-ports.ts';
import { takenClaims } from './taken-pods.ts';

/** The pod's addresses: its own, given out at the first call, or the host's. */
function addressesOf(context: PodContext, pod: Pod): readonly string[] | undefined {
  return pod.spec.hostNetwork === true
    ? context.ports.network.hostIps
    : context.ports.network.addresses.acquire(context.uid);
}

/** Users of the pod's own, where it asks for them and the node has them: they are its until it is gone. */
function userRangeOf({ ports, uid }: PodContext, pod: Pod, handler: string | undefined): UserRange | undefined {
  const { users, confinement } = ports.node;
  if (!takesUserRange(pod, confinement, handler)) return undefined;
  const range = users.acquire(uid);
  if (range === undefined) throw new RuntimeError('failed', 'no free range of user ids for hostUsers: false');
  return range;
}

/** Reserves what a sandbox of an earlier agent was given for its pod. */
export function reserveSandbox({ node, network }: PodPorts, uid: string, own: ContainerFacts['labels']): void {
  network.addresses.reserve(uid, listedAddresses(own));
  const { [labels.users]: firstId } = own;
  if (firstId !== undefined) node.users.reserve(uid, Number(firstId));
}

/** Creates and starts the sandbox, telling the pod of both, so that containers are created while it starts. */
export async function openSandbox(
  context: PodContext,
  pod: Pod,
  options: { readonly attempt: number; readonly tell: (input: PodInput) => void },
): Promise<undefined> {
  const { ports } = context;
  let id: string | undefined;
  try {
    const addresses = addressesOf(context, pod);
    if (addresses === undefined) throw new RuntimeError('failed', `no free address in the node's pod range`);
    const made = await createSandbox(context, pod, { addresses, attempt: options.attempt });
    id = made;
    options.tell({ type: 'sandbox-created', id: made, addresses });
    await ports.engine.starts.run(() => ports.engine.runtime.start(made), urgency.sandbox);
    const facts = await ports.engine.runtime.inspect(made);
    if (facts?.state !== 'running') throw new RuntimeError('failed', 'the sandbox ended as soon as it was started');
    await connectSandbox(ports.network.links, facts);
    options.tell({ type: 'sandbox-started' });
  } catch (error) {
    // The addresses may be the cause: the next try takes others.
    ports.network.addresses.release(context.uid);
    if (id !== undefined) await ports.engine.runtime.remove(id).catch(() => undefined);
    options.tell({ type: 'sandbox-failed', message: errorMessage(error) });
  }
}

/** Answers its id. The image may be gone: `docker image prune -a` takes what no container uses. */
async function createSandbox(
  context: PodContext,
  pod: Pod,
  { addresses, attempt }: { readonly addresses: readonly string[]; readonly attempt: number },
): Promise<string> {
  const { engine, network, node } = context.ports;
  const engineRuntime = await engineRuntimeOf(context, pod);
  const userRange = userRangeOf(context, pod, engineRuntime);
  const create = async (): Promise<string> => {
    const image = await engine.runtime.sandboxImage();
    const { clusterDomain } = network;
    const { identity, limits: machine } = node;
    return createOrReplace(
      context,
      sandboxPlan({ identity, pod, image, attempt, addresses, clusterDomain, machine, engineRuntime, userRange }),
      urgency.sandbox,
    );
  };
  try {
    return await create();
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.code !== 'image-not-found') throw error;
    engine.runtime.forgetSandboxImage();
    return await create();
  }
}

/**
 * Makes sure that a running sandbox has its link to the bridge. One on the host's network, or on the engine's, needs
 * none.
 */
export async function connectSandbox(links: PodLinks, { id, labels: own, processId }: ContainerFacts): Promise<void> {
  const { [labels.link]: name } = own;
  const addresses = listedAddresses(own);
  if (name !== undefined && addresses.length > 0) await links.connect({ name, addresses, containerId: id, processId });
}

/** A removal that takes longer lets others begin: an engine may be stuck with one container. */
const removalTurnMs = 10_000;

/** Removes a container when it is its turn. */
export function removeAtEngine(context: PodContext, id: string): Promise<undefined> {
  const { engine, timers } = context.ports;
  const { runtime, removals } = engine;
  return retryWhileUnreachable(timers, async () => {
    let removal: Promise<void> | undefined;
    await removals.run(async () => {
      removal = runtime.remove(id);
      let timer: Timer | undefined;
      const turn = new Promise<void>((resolve) => {
        timer = timers.after(removalTurnMs, resolve);
      });
      await Promise.race([removal, turn]).finally(() => {
        timer?.cancel();
      });
    });
    await removal;
    return undefined;
  });
}

/** Removes the sandbox; the pod keeps its addresses until it is gone. */
export async function closeSandbox(context: PodContext, id: string): Promise<PodInput> {
  await removeAtEngine(context, id).catch((error: unknown) => {
    context.ports.log.warn('failed to remove a sandbox', { sandbox: id, error: errorMessage(error) });
  });
  return { type: 'sandbox-closed' };
}

async function prepareDevices({ ports }: PodContext, pod: Pod): Promise<void> {
  if ((pod.spec.resourceClaims?.length ?? 0) === 0) return;
  if (ports.claims === undefined) throw new ClaimSetupError('this node serves no drivers of devices by claims');
  await ports.claims.prepare(pod);
}

/** Makes the image of a volume present, by its own pull policy. */
async function volumeImage({ ports }: PodContext, pod: Pod, source: ImageVolumeSource): Promise<string> {
  const { reference: image = '', pullPolicy: imagePullPolicy } = source;
  const outcome = await ports.engine.images.ensure(
    { image, imagePullPolicy },
    {
      credentials: (registry) => pullCredentials(ports.volumes.config, pod, registry),
      pulling: () => {
        ports.event(pod, { kind: 'Normal', reason: 'Pulling', message: `Pulling image "${image}"` });
      },
    },
  );
  if (outcome.type === 'ready') return outcome.image.id;
  throw new VolumeSetupError(`${outcome.reason}: ${outcome.message}`);
}

/** The pod's resolver file; what it must leave out is told by events. */
function resolverText({ ports }: PodContext, pod: Pod): string {
  const { dnsAddresses, clusterDomain: domain, hostResolver: host } = ports.network;
  const { text, omissions } = resolvConf(pod, { dnsAddresses, domain, host });
  for (const message of omissions) ports.event(pod, { kind: 'Warning', reason: 'DNSConfigForming', message });
  return text;
}

/** Sets up the pod's files, volumes and devices. */
export async function prepareFolder(
  context: PodContext,
  pod: Pod,
): Promise<{ readonly input: PodInput; readonly volumes: PreparedVolumes }> {
  const { ports, folder } = context;
  try {
    const addresses = addressesOf(context, pod) ?? [];
    const { files } = ports.volumes;
    await prepareDevices(context, pod);
    const [volumes] = await Promise.all([
      prepareVolumes(
        { ...ports.volumes, images: (source) => volumeImage(context, pod, source) },
        { ...podFacts(context, pod, addresses), takenClaims: takenClaims(ports, pod) },
        folder,
      ),
      files.write(
        `${folder}/etc-hosts`,
        hostsFile(pod, {
          podIps: addresses,
          clusterDomain: ports.network.clusterDomain,
          hostFile: ports.network.hostsFileOfHost,
        }),
        0o644,
      ),
      files.write(`${folder}/resolv.conf`, resolverText(context, pod), 0o644),
    ]);
    return { input: { type: 'volumes-ready' }, volumes };
  } catch (error) {
    const reason = error instanceof ClaimSetupError ? 'FailedPrepareDynamicResources' : undefined;
    return { input: { type: 'volumes-failed', message: errorMessage(error), reason }, volumes: new Map() };
  }
}

/** Has the devices of the pod's claims given back; the pod is not over before that. */
export async function releaseDevices({ ports, uid }: PodContext, pod: Pod): Promise<PodInput> {
  ports.cpus?.release(uid);
  await ports.claims?.release(uid, (message) => {
    ports.event(pod, { kind: 'Warning', reason: 'FailedUnprepareDynamicResources', message });
  });
  return { type: 'devices-released' };
}

/** Removes everything that the pod has on the machine. */
export async function cleanUp(context: PodContext, pod: Pod): Promise<PodInput> {
  const { ports, uid } = context;
  try {
    const found = await retryWhileUnreachable(ports.timers, () =>
      ports.engine.runtime.summaries({ ...clusterLabels(ports.node.identity), [labels.podUid]: uid }),
    );
    await Promise.all(found.map(({ id }) => removeAtEngine(context, id)));
    await Promise.all([releaseDevices(context, pod), ports.volumes.csi?.release(uid)]);
    await ports.volumes.files.remove(context.folder);
  } catch (error) {
    ports.log.error('failed to remove the leftovers of a pod; the next start of the agent retries', {
      pod: uid,
      error: errorMessage(error),
    });
  }
  ports.volumes.tokens.forget(uid);
  ports.network.addresses.release(uid);
  ports.node.users.release(uid);
  return { type: 'cleaned-up' };
}
