/** What every join does first: checks of the cluster, the token and the name. */
import { joinHostPort } from '../../base/index.ts';
import { X509Certificate } from 'node:crypto';
import { parse } from 'yaml';
import { systemClock } from '../../platform/index.ts';
import { callCluster, type ClusterAnswer, type ClusterCaller } from './cluster-call.ts';
import { type Home, type Settings, version } from '../process/index.ts';
import { caHashOf, clockSkewProblem, JoinProblem, versionSkewProblem } from './checks.ts';
import { clusterInfo, clusterSettings, type SharedSettings } from './objects.ts';

export interface JoinOptions {
  readonly home: Home;
  /** This machine's settings, which those of the cluster override. */
  readonly settings: Settings;
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly caHash: string;
  /** Of the node, or of the member. */
  readonly name: string;
}

interface CheckedCluster {
  /** The authority's certificate, PEM. */
  readonly ca: string;
  readonly caller: ClusterCaller;
  readonly shared: SharedSettings;
  /** This machine's settings in the cluster. */
  readonly settings: Settings;
}

/**
 * Checks that the authority is the one that the operator named, that the token is known, and that clocks and versions
 * fit. Rejects with JoinProblem.
 */
export async function checkCluster(options: JoinOptions): Promise<CheckedCluster> {
  const { host, port, token } = options;
  const ca = await trustedAuthority(options);
  const caller: ClusterCaller = { host, port, ca, token };
  const { shared, localAddress } = await sharedSettings(caller);
  const skew = versionSkewProblem(shared.version, version());
  if (skew !== undefined) throw new JoinProblem(skew);
  return { ca, caller, shared, settings: settingsOf(options.settings, shared, localAddress) };
}

/** The cluster's authority, from an object that anybody may read; trusted if it has the hash that the operator gave. */
async function trustedAuthority({ host, port, caHash }: JoinOptions): Promise<string> {
  const answer = await callCluster(
    { host, port },
    { method: 'GET', path: `/api/v1/namespaces/${clusterInfo.namespace}/configmaps/${clusterInfo.name}` },
  );
  const skew = clockSkewProblem(answer.date, systemClock.now());
  if (skew !== undefined) throw new JoinProblem(skew);
  const ca = authorityOf(answer);
  if (ca === undefined)
    throw new JoinProblem(
      `${joinHostPort(host, port)} answers, but not as a cluster that machines can join (status ${answer.status}); ` +
        'start its first member with `troupe init --address ADDRESS`',
    );
  const hash = caHashOf(ca);
  if (hash !== caHash)
    throw new JoinProblem(
      `the authority of ${joinHostPort(host, port)} has the hash ${hash}, not ${caHash}: ` +
        'this is another cluster, or somebody intercepts the connection; ' +
        'compare with the output of `troupe token create` on the member',
    );
  return ca;
}

function authorityOf({ status, body }: ClusterAnswer): string | undefined {
  try {
    const text = (body as { readonly data?: { readonly kubeconfig?: string } }).data?.kubeconfig;
    const info = parse(text ?? '') as {
      readonly clusters?: readonly { readonly cluster: { readonly 'certificate-authority-data': string } }[];
    } | null;
    const ca = Buffer.from(info?.clusters?.[0]?.cluster['certificate-authority-data'] ?? '', 'base64').toString();
    return status === 200 && new X509Certificate(ca).ca ? ca : undefined;
  } catch {
    return undefined; // Not an authority.
  }
}

async function sharedSettings(
  caller: ClusterCaller,
): Promise<{ readonly shared: SharedSettings; readonly localAddress: string }> {
  const answer = await callCluster(caller, {
    method: 'GET',
    path: `/api/v1/namespaces/${clusterSettings.namespace}/configmaps/${clusterSettings.name}`,
  });
  if (answer.status === 401) {
    const expired = messageOf(answer).includes('expired');
    throw new JoinProblem(
      `${expired ? 'the token has expired' : 'the token is unknown or was deleted, as expired ones are'}; ` +
        `create a new one with \`troupe token create\` on a member of ${joinHostPort(caller.host, caller.port)}`,
    );
  }
  if (answer.status === 403)
    throw new JoinProblem('the token is not for joining; create one with `troupe token create`');
  const text = (answer.body as { readonly data?: { readonly settings?: string } }).data?.settings;
  if (answer.status !== 200 || text === undefined)
    throw new JoinProblem(
      `cannot read the settings of the cluster (status ${answer.status}: ${messageOf(answer)}); ` +
        'see `troupe logs` on the member',
    );
  return { shared: JSON.parse(text) as SharedSettings, localAddress: answer.localAddress };
}

/** Rejects with JoinProblem when a node of that name is in the cluster. */
export async function checkName(caller: ClusterCaller, name: string): Promise<void> {
  const answer = await callCluster(caller, { method: 'GET', path: `/api/v1/nodes/${encodeURIComponent(name)}` });
  if (answer.status === 200) throw nameTaken(name);
  if (answer.status !== 404)
    throw new JoinProblem(
      `cannot check whether node ${name} exists (status ${answer.status}: ${messageOf(answer)}); ` +
        'see `troupe logs` on the member',
    );
}

const nameTaken = (name: string): JoinProblem =>
  new JoinProblem(
    `a node named ${name} is already in the cluster; ` +
      `choose another name with --name, or remove the old one with \`troupe node remove ${name}\` on a member`,
  );

/** What the API said about a failure. */
export function messageOf({ body }: ClusterAnswer): string {
  return typeof body === 'object' && body !== null && 'message' in body
    ? String(body.message)
    : String(body).slice(0, 200);
}

function settingsOf(own: Settings, shared: SharedSettings, localAddress: string): Settings {
  const address = own.address === '' ? localAddress : own.address;
  return {
    ...own,
    cluster: shared.cluster,
    clusterId: shared.clusterId ?? '',
    address,
    network: shared.network,
    node: { ...own.node, leaseMs: shared.leaseMs, graceMs: shared.graceMs },
  };
}
