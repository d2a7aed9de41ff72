/** Opens the streams that doors ask for. */
import type { Socket } from 'node:net';
import { badRequest, type ContainerStatus, type Pod, resources, StatusError } from '../../api/index.ts';
import { type Clock, errorMessage, limits, type Logger, type Timers } from '../../base/index.ts';
import { type Bus, decodeIfWhole, encode, subjectsOf } from '../../bus/index.ts';
import { type OpenStream, parseOpenStream, type StreamOpened, type StreamRefused } from '../../protocol/index.ts';
import type { ResourceView } from '../../resources/index.ts';
import type { KubeletPaths } from '../kubelet/index.ts';
import type { LoopbackDialer } from '../loopback/index.ts';
import {
  attemptOf,
  type ClusterIdentity,
  clusterLabels,
  type ContainerRuntime,
  type ContainerSummary,
  labels,
  listedAddresses,
} from '../runtime/index.ts';
import { uidOnNode } from '../static/index.ts';
import { sendAnswer } from './answer-stream.ts';
import { sendLogs } from './log-stream.ts';
import { carryPort } from './port-stream.ts';
import { carryProcess, openProcess } from './process-stream.ts';
import { OpenStreams } from './open-streams.ts';
import { openLink } from './stream-link.ts';

interface StreamServerPorts extends ClusterIdentity {
  readonly bus: Bus;
  readonly runtime: ContainerRuntime;
  readonly view: ResourceView;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly node: string;
  readonly hostIp: string;
  /** What a kubelet serves on its port. */
  readonly kubelet: KubeletPaths;
  /** Undefined: what listens at a pod's own loopback address is not reached. */
  readonly loopback?: LoopbackDialer | undefined;
}

/** Answers doors that open streams to this node's pods. */
export function serveStreams(ports: StreamServerPorts): { close(): void } {
  const streams = new OpenStreams({ all: limits.nodeStreamsMax, perNamespace: limits.nodeStreamsPerNamespaceMax });
  return ports.bus.subscribe(subjectsOf(ports.cluster).nodeStream(ports.node), (message) => {
    const { reply } = message;
    if (reply === undefined) return;
    const open = parseOpenStream(decodeIfWhole(message.payload));
    if (open === undefined) {
      ports.bus.publish(reply, encode(refusal(badRequest('the request for a stream cannot be read'))));
      return;
    }
    const refused = (error: unknown): void => {
      ports.bus.publish(reply, encode(refusal(error)));
    };
    let leave: () => void;
    try {
      leave = streams.enter(open.namespace);
    } catch (error) {
      refused(error);
      return;
    }
    openStream(ports, open)
      .then((opened) => {
        ports.bus.publish(reply, encode(opened.answer));
        return carried(ports, open, opened);
      }, refused)
      .finally(leave);
  });
}

/** Resolves when the stream is over, however it ends. */
async function carried({ log }: StreamServerPorts, open: OpenStream, opened: Opened): Promise<void> {
  try {
    await opened.run();
  } catch (error) {
    const { type, namespace, pod } = open;
    log.warn('a stream failed', { type, pod: `${namespace}/${pod}`, error: errorMessage(error) });
  }
}

function refusal(error: unknown): StreamRefused {
  const status = error instanceof StatusError ? error : new StatusError('InternalError', errorMessage(error));
  return { type: 'refused', status: status.body() };
}

interface Opened {
  readonly answer: StreamOpened;
  readonly run: () => Promise<void>;
}

async function openStream(ports: StreamServerPorts, open: OpenStream): Promise<Opened> {
  if (open.type === 'kubelet') return openAnswer(ports, open);
  const pod = ports.view.get<Pod>(resources.pods, open.namespace, open.pod);
  if (pod === undefined || pod.spec.nodeName !== ports.node || (open.uid !== '' && pod.metadata.uid !== open.uid))
    throw new StatusError('NotFound', `pods "${open.pod}" not found`, { details: { name: open.pod, kind: 'pods' } });
  if (open.type === 'port-forward') {
    const { port = 0 } = open;
    const place = pod.spec.hostNetwork === true ? { host: ports.hostIp } : await placeOf(ports, { pod, port });
    const { link, toAgent } = openLink(ports, open.toDoor);
    return {
      answer: { type: 'opened', toAgent },
      run: () => carryPort(ports.timers, link, { ...place, port, pod: open.pod }),
    };
  }
  if (open.type === 'logs') {
    const options = open.logs ?? {};
    const container = await loggedContainer(ports, pod, open);
    const { link, toAgent } = openLink(ports, open.toDoor);
    return { answer: { type: 'opened', toAgent }, run: () => sendLogs(ports, link, { id: container.id, options }) };
  }
  const container = await runningContainer(ports, pod, open.container);
  const session = await openProcess(ports.runtime, container.id, open).catch((error: unknown) => {
    throw new StatusError(
      'InternalError',
      `Internal error occurred: error executing command in container: ${errorMessage(error)}`,
      { code: 500 },
    );
  });
  const { link, toAgent } = openLink(ports, open.toDoor);
  return { answer: { type: 'opened', toAgent }, run: () => carryProcess(link, session, open) };
}

async function openAnswer(ports: StreamServerPorts, open: OpenStream): Promise<Opened> {
  const answer = await ports.kubelet(open.path ?? '');
  const { status, headers } = answer;
  const { link, toAgent } = openLink(ports, open.toDoor);
  return { answer: { type: 'opened', toAgent, answer: { status, headers } }, run: () => sendAnswer(link, answer) };
}

/** All attempts of a container, the newest first. */
async function attempts(ports: StreamServerPorts, pod: Pod, container: string): Promise<readonly ContainerSummary[]> {
  const found = await ports.runtime.summaries({
    ...clusterLabels(ports),
    [labels.podUid]: uidOnNode(pod),
    [labels.container]: container,
  });
  return [...found].sort((one, other) => attemptOf(other) - attemptOf(one));
}

async function runningContainer(ports: StreamServerPorts, pod: Pod, name: string): Promise<ContainerSummary> {
  const [newest] = await attempts(ports, pod, name);
  if (newest?.state !== 'running')
    throw new StatusError('InternalError', `unable to upgrade connection: container not found ("${name}")`);
  return newest;
}

async function loggedContainer(ports: StreamServerPorts, pod: Pod, open: OpenStream): Promise<ContainerSummary> {
  const all = await attempts(ports, pod, open.container);
  const started = all.filter(({ state }) => state !== 'created');
  const [newest, before] = started;
  if (open.logs?.previous === true) {
    const previous = all[0]?.state === 'created' || crashLooping(pod, open.container) ? newest : before;
    if (previous === undefined)
      throw new StatusError(
        'BadRequest',
        `previous terminated container "${open.container}" in pod "${open.pod}" not found`,
      );
    return previous;
  }
  if (newest !== undefined) return newest;
  const waiting = statusesOf(pod).find(({ name }) => name === open.container)?.state?.waiting;
  const reason = waiting?.reason ?? 'ContainerCreating';
  const detail =
    reason === 'ErrImagePull' ||
    reason === 'ImagePullBackOff' ||
    reason === 'ErrImageNeverPull' ||
    reason === 'InvalidImageName'
      ? `trying and failing to pull image`
      : reason;
  throw new StatusError(
    'BadRequest',
    `container "${open.container}" in pod "${open.pod}" is waiting to start: ${detail}`,
  );
}

const statusesOf = ({ status }: Pod): readonly ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

/** While the next attempt waits, the newest ended one is the "previous" container. */
function crashLooping(pod: Pod, name: string): boolean {
  return statusesOf(pod).find((status) => status.name === name)?.state?.waiting !== undefined;
}

/** By which ways a port of a pod on the pod network is reached. */
async function placeOf(
  ports: StreamServerPorts,
  { pod, port }: { readonly pod: Pod; readonly port: number },
): Promise<{ readonly host: string; readonly loopback: (() => Promise<Socket>) | undefined }> {
  const found = await ports.runtime.summaries({
    ...clusterLabels(ports),
    [labels.podUid]: uidOnNode(pod),
    [labels.role]: 'sandbox',
  });
  const sandbox = found.find(({ state }) => state === 'running');
  const [host] = listedAddresses(sandbox?.labels ?? {});
  if (sandbox === undefined || host === undefined)
    throw new StatusError(
      'InternalError',
      `unable to forward port because pod is not running. Current status=${pod.status?.phase}`,
    );
  const { loopback } = ports;
  return {
    host,
    loopback:
      loopback === undefined
        ? undefined
        : async () => {
            const facts = await ports.runtime.inspect(sandbox.id);
            return loopback.dial({ containerId: sandbox.id, processId: facts?.processId ?? 0 }, port);
          },
  };
}
