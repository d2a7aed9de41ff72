/** What the API permits anybody to do to pods, nodes and Deployments. */
import { delay } from '../../base/index.ts';
import { type Call, type Outcome, Unanswered } from '../clients/api-client.ts';
import { nodesOf } from '../targets/nodes.ts';
import { rolloutLabel } from '../workloads/rollout.ts';
import { webReplicas } from '../workloads/web-server.ts';
import { type BeginFault, type Effect, type FaultContext, NothingToStrike, once } from './fault.ts';

const merge = 'application/merge-patch+json';

async function asked({ api }: FaultContext, call: Call): Promise<Outcome & { readonly type: 'answered' }> {
  const outcome = await api.call(call);
  if (outcome.type !== 'answered') throw new Unanswered(`${call.method ?? 'GET'} ${call.path}: ${outcome.why}`);
  return outcome;
}

/** A call without an answer may have been carried out, or may yet be: it is undone before it counts as not done. */
async function askedOrUndone(
  context: FaultContext,
  call: Call,
  undo: () => Promise<unknown>,
): Promise<Outcome & { readonly type: 'answered' }> {
  return asked(context, call).catch(async (error: unknown) => {
    await undo();
    throw error;
  });
}

/** The name of one of the rollout's pods. */
async function podOf({ api, namespace, pick }: FaultContext): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(rolloutLabel)}`;
  const { items } = await api.must<{ items: readonly { metadata: { name: string } }[] }>({ path });
  const names = items.map(({ metadata }) => metadata.name).sort();
  const name = names[pick % Math.max(1, names.length)];
  if (name === undefined) throw new NothingToStrike('there is no pod of the rollout (workload `rollout`)');
  return name;
}

export const deletePod: BeginFault = async (context): Promise<Effect> => {
  const name = await podOf(context);
  context.excuse(name);
  const path = `/api/v1/namespaces/${context.namespace}/pods/${name}`;
  const { status } = await asked(context, { method: 'DELETE', path });
  if (status >= 300) throw new Error(`the deletion of ${name} was answered with ${status}`);
  return once(name, `the API took the deletion (${status})`);
};

export const evictPod: BeginFault = async (context): Promise<Effect> => {
  const { namespace } = context;
  const name = await podOf(context);
  const { status } = await asked(context, {
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/pods/${name}/eviction`,
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } },
  });
  if (status !== 429 && status >= 300) throw new Error(`the eviction of ${name} was answered with ${status}`);
  return once(
    name,
    status === 429 ? 'its disruption budget refused it (429)' : `the API took the eviction (${status})`,
  );
};

export const cordon: BeginFault = async (context): Promise<Effect> => {
  const { api, pick } = context;
  const nodes = (await nodesOf(api)).filter(({ spec }) => spec?.unschedulable !== true);
  const name = nodes.map(({ metadata }) => metadata.name).sort()[pick % Math.max(1, nodes.length)];
  if (name === undefined) throw new Error('there is no node that takes pods');
  const path = `/api/v1/nodes/${name}`;
  const set = (unschedulable: boolean): Call => ({
    method: 'PATCH',
    path,
    type: merge,
    body: { spec: { unschedulable } },
  });
  const end = async (): Promise<undefined> => {
    await api.must(set(false));
  };
  const { status } = await askedOrUndone(context, set(true), end);
  if (status !== 200) throw new Error(`the cordon of ${name} was answered with ${status}`);
  return { victim: name, proof: 'spec.unschedulable is true', end };
};

const updateMs = 120_000;
const pollMs = 200;

interface RolledDeployment {
  readonly metadata: { readonly generation: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

function isRolled({ status }: RolledDeployment, generation: number): boolean {
  const { observedGeneration = 0, ...counts } = status ?? {};
  const all = [counts.replicas, counts.updatedReplicas, counts.availableReplicas];
  return observedGeneration >= generation && all.every((count) => count === webReplicas);
}

/** The Deployment behind the Service, by its own strategy. */
export const rollDeployment: BeginFault = async (context): Promise<Effect> => {
  const { api, namespace, now, timers } = context;
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/web-service`;
  const annotations = { 'chaos/rolled': String(Math.round(now())) };
  const body = { spec: { template: { metadata: { annotations } } } };
  const answer = await asked(context, { method: 'PATCH', path, type: merge, body });
  if (answer.status === 404) throw new NothingToStrike('there is no Service (workload `service`)');
  if (answer.status !== 200) throw new Error(`the update was answered with ${answer.status}`);
  const { generation } = (JSON.parse(answer.text) as RolledDeployment).metadata;
  const end = now() + updateMs;
  while (!isRolled(await api.must<RolledDeployment>({ path }), generation)) {
    if (now() > end) throw new Error(`the update took longer than ${updateMs / 1_000} s`);
    await delay(timers, pollMs);
  }
  return once('deployment web-service', `all ${webReplicas} replicas are new and available`);
};

/** Of a Deployment of its own, so that no judge mistakes it for a rollout. */
export const scale: BeginFault = async (context): Promise<Effect> => {
  const { api, namespace, spec } = context;
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const made = await asked(context, { method: 'POST', path, body: scaledDeployment(context) });
  if (made.status !== 201 && made.status !== 409) throw new Error(`the Deployment was answered with ${made.status}`);
  const to = (replicas: number): Call => ({
    method: 'PATCH',
    path: `${path}/scaled/scale`,
    type: merge,
    body: { spec: { replicas } },
  });
  const end = async (): Promise<undefined> => {
    await api.must(to(1));
  };
  const { status } = await askedOrUndone(context, to(spec.amount), end);
  if (status !== 200) throw new Error(`the scaling was answered with ${status}`);
  return { victim: 'deployment scaled', proof: `the API took ${spec.amount} replicas`, end };
};

function scaledDeployment({ target }: FaultContext): object {
  const labels = { chaos: 'scaled' };
  const containers = [{ name: 'c', image: target.image, command: ['sleep', '1000000'] }];
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers } };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'scaled' }, spec };
}
