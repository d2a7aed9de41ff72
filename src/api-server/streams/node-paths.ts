/** What a kubelet serves on its port, behind the proxy of nodes: asked of the node's agent over the bus. */
import {
  badRequest,
  internalError,
  methodNotAllowed,
  notFound,
  resources,
  serviceUnavailable,
  StatusError,
} from '../../api/index.ts';
import { Query } from '../query.ts';
import { type ApiHttpResponse, noBytes } from '../request.ts';
import type { RequestContext } from '../request-context.ts';
import { connectNode } from './node-connection.ts';
import { podExec } from './pod-exec.ts';
import { podLog, type PodLogPorts, toSink } from './pod-log.ts';
import { podOf } from './pod-target.ts';
import { portForward } from './port-forward.ts';

/** The port that a Node says its kubelet has. Nothing listens there. */
export const kubeletPort = 10_250;

interface KubeletQuestion {
  readonly node: string;
  /** With the query. */
  readonly path: string;
}

/** Answers what a node's kubelet would. Streams of its pods are the pods' own. */
export async function kubeletAnswer(
  ports: PodLogPorts,
  context: RequestContext,
  { node, path }: KubeletQuestion,
): Promise<ApiHttpResponse> {
  const [first = '', ...rest] = context.info.rest;
  const stream = podStreams[first];
  if (stream !== undefined) return stream(ports, onPod(ports, context, { node, rest }));
  const { method } = context.http;
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed();
  const connection = await connectNode(ports, node, {
    type: 'kubelet',
    namespace: '',
    pod: '',
    uid: '',
    container: '',
    path,
  }).catch((error: unknown) => {
    if (error instanceof StatusError) throw serviceUnavailable(`error trying to reach service: ${error.message}`);
    throw error;
  });
  const { answer } = connection;
  if (answer === undefined) {
    connection.end();
    throw internalError(`the agent of node ${JSON.stringify(node)} gave an answer without a head`);
  }
  const { status, headers } = answer;
  if (method === 'HEAD') {
    connection.end();
    return { status, headers: { ...headers }, body: noBytes };
  }
  return {
    status,
    headers: { ...headers },
    body: (sink) => {
      toSink(connection, sink);
    },
  };
}

/** Paths of the kubelet that lead into a pod: `/exec/NAMESPACE/POD/CONTAINER`, with the pod's uid before the last. */
const podStreams: Readonly<Record<string, (ports: PodLogPorts, context: RequestContext) => Promise<ApiHttpResponse>>> =
  Object.assign(Object.create(null) as object, {
    containerLogs: podLog,
    exec: (ports: PodLogPorts, context: RequestContext) =>
      podExec(ports, context, {
        type: 'exec',
        options: { ...streamsOf(context), command: [...context.query.all('command')] },
      }),
    attach: (ports: PodLogPorts, context: RequestContext) =>
      podExec(ports, context, { type: 'attach', options: streamsOf(context) }),
    portForward,
  });

/** The kubelet calls them so. */
function streamsOf({ query }: RequestContext): { readonly [name: string]: unknown } {
  return {
    stdin: query.flag('input'),
    stdout: query.flag('output'),
    stderr: query.flag('error'),
    tty: query.flag('tty'),
    container: query.get('container') ?? '',
  };
}

/** The same request as one for the pod that the rest of the path names, if it is on the node. */
function onPod(
  ports: PodLogPorts,
  context: RequestContext,
  { node, rest }: { readonly node: string; readonly rest: readonly string[] },
): RequestContext {
  const [namespace = '', name = ''] = rest;
  if (name === '' || rest.length > 4) throw badRequest('the path names no pod: /NAMESPACE/POD/CONTAINER is expected');
  const pod = podOf(ports.view, namespace, name);
  const { nodeName } = (pod.spec ?? {}) as { readonly nodeName?: string | undefined };
  if (nodeName !== node) throw notFound(resources.pods, name);
  const container = rest.length > 2 ? (rest.at(-1) ?? '') : '';
  const query = new Query(`container=${encodeURIComponent(container)}&${context.http.query}`);
  return { ...context, info: { ...context.info, namespace, name }, query };
}
