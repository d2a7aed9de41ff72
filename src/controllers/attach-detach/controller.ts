/**
 * Attaches volumes to the nodes whose pods need them, and detaches them when the node has let them go: it makes and
 * deletes VolumeAttachments, which the driver's external attacher carries out, and shows the result in the Node's
 * status.
 */
import { type Node, type PersistentVolume, resources, type VolumeAttachment } from '../../api/index.ts';
import {
  type Controller,
  type ControllerPorts,
  deleteObject,
  isAlreadyExists,
  keyOfFacts,
  type ReconcileResult,
} from '../runtime/index.ts';
import { type Observed, planAttachments } from './reconcile.ts';
import { nodesConcerned, wantedVolumes } from './wanted.ts';

const { volumeAttachments, persistentVolumes } = resources;

/** Since when attachments are needed by nobody, by their name, in monotonic ms. */
type Unwanted = Map<string, number>;

/** Its keys are nodes' names. */
export function attachDetachController(): Controller {
  const unwanted: Unwanted = new Map();
  return {
    name: 'attachdetach-controller',
    resource: resources.nodes,
    watches: [resources.nodes, resources.pods, volumeAttachments, resources.persistentVolumeClaims],
    reset: () => {
      unwanted.clear();
    },
    initialKeys: ({ view }) => [
      ...new Set([
        ...view.facts(resources.nodes).map(keyOfFacts),
        ...view.list<VolumeAttachment>(volumeAttachments).map(({ spec }) => spec.nodeName),
      ]),
    ],
    keysFor: (change, { view }) => nodesConcerned(change, view),
    reconcile: (node, ports) => reconcile(node, ports, unwanted),
  };
}

async function reconcile(
  name: string,
  ports: ControllerPorts,
  unwanted: Unwanted,
): Promise<ReconcileResult | undefined> {
  const now = ports.clock.monotonic();
  const observed = observe(name, ports, unwanted);
  const plan = planAttachments(observed, now);
  for (const { pod, note } of plan.notes) ports.event(pod, note.type, note.reason, note.message);
  // The node must not rely on what is about to be detached.
  if (plan.attached !== undefined)
    await ports.client.patch(
      { ...resources.nodes, name },
      {
        type: 'strategic',
        body: { metadata: { uid: observed.node?.metadata.uid }, status: { volumesAttached: plan.attached } },
      },
      { subresource: 'status' },
    );
  for (const attachment of plan.detach) await deleteObject(ports, volumeAttachments, attachment);
  for (const attachment of plan.attach) await create(attachment, ports);
  return plan.lookAgainMs === undefined ? undefined : { requeueAfterMs: plan.lookAgainMs };
}

async function create(attachment: object, { client }: ControllerPorts): Promise<void> {
  try {
    await client.create(volumeAttachments, attachment);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

function observe(name: string, { view, clock }: ControllerPorts, unwanted: Unwanted): Observed {
  const all = view.list<VolumeAttachment>(volumeAttachments);
  const attachments = all.filter(({ spec }) => spec.nodeName === name);
  const wanted = wantedVolumes(view, name);
  const needed = new Set(wanted.map(({ volume }) => volume.metadata.name));
  for (const { metadata, spec } of attachments)
    if (needed.has(spec.source.persistentVolumeName ?? '')) unwanted.delete(metadata.name);
    else if (!unwanted.has(metadata.name)) unwanted.set(metadata.name, clock.monotonic());
  const known = new Set(all.map(({ metadata }) => metadata.name));
  for (const gone of unwanted.keys()) if (!known.has(gone)) unwanted.delete(gone);
  return {
    name,
    node: view.get<Node>(resources.nodes, undefined, name),
    wanted,
    attachments,
    volume: (volume) => view.get<PersistentVolume>(persistentVolumes, undefined, volume),
    others: (volume) =>
      all
        .filter(({ spec }) => spec.nodeName !== name && spec.source.persistentVolumeName === volume)
        .map(({ spec }) => spec.nodeName),
    unwantedSince: (attachment) => unwanted.get(attachment) ?? clock.monotonic(),
  };
}
