/** Section 4 of the benchmark: nodes. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { isLoopback, parseAddress } from '../../api/index.ts';
import { joinHostPort } from '../../base/index.ts';
import { proxyPlaces } from '../../main/index.ts';
import {
  builtIn,
  type Control,
  control,
  noPort,
  ownedByRoot,
  privateFiles,
  seccompByDefault,
  without,
} from './control.ts';
import type { ExaminedCluster } from './examined-cluster.ts';
import { type Verdict, verdict } from './verdict.ts';

const noUnit = without('the agent is a process of Troupe, started by its keeper; there is no unit file of a kubelet');
const noProxy = without('the node agent writes the rules of Services itself; there is no kube-proxy');
const noServer = without('the agent listens on no port: what it serves goes over NATS, which has its own TLS');
const portOf = ({ settings }: ExaminedCluster): number => settings.node.port ?? 0;

/** What is built in where `node.port` opens a port. */
const ofThePort =
  (detail: string) =>
  (cluster: ExaminedCluster): Verdict =>
    portOf(cluster) === 0 ? noServer() : builtIn(detail)();

const credentials = (cluster: ExaminedCluster): readonly string[] =>
  cluster.filesOf(cluster.home.pki, /^node.*\.(crt|key)$/);
const agentCredentials = (cluster: ExaminedCluster): readonly string[] => [cluster.home.pki, ...credentials(cluster)];
const authority = ({ home }: ExaminedCluster): readonly string[] => [join(home.pki, 'ca.crt')];
const configuration = ({ home }: ExaminedCluster): readonly string[] =>
  [join(home.run, 'settings.json'), home.configFile].filter((file) => existsSync(file));

/** The first line that a NATS server says; it tells whether credentials are needed. */
async function natsGreeting(cluster: ExaminedCluster): Promise<string> {
  const { servers = [] } = JSON.parse(readFileSync(cluster.home.natsFile, 'utf8')) as { servers?: readonly string[] };
  const { hostname, port } = new URL((servers[0] ?? '').replace(/^(nats|tls):\/\//, 'http://'));
  return await new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: 2_000 });
    const end = (text: string) => (): void => {
      socket.destroy();
      resolve(text);
    };
    socket.on('data', (bytes) => {
      end(bytes.toString().split('\r\n')[0] ?? '')();
    });
    socket.on('error', end('')).on('timeout', end(''));
  });
}

/** What the kubelet's port answers to somebody without a token. */
function anonymousStatus(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const at = { port, host: '127.0.0.1', path: '/pods', timeout: 2_000 };
    // Its certificate is its own: what counts is the answer.
    const request = get({ ...at, rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('timeout', () => {
      request.destroy();
    });
    request.on('error', () => {
      resolve(undefined);
    });
  });
}

async function asksForTokens(cluster: ExaminedCluster): Promise<Verdict> {
  const port = portOf(cluster);
  const status = port === 0 ? 401 : await anonymousStatus(port);
  const ports =
    port === 0
      ? await cluster.noPort(10250)
      : verdict(status === 401, `port ${String(port)} answers ${String(status)} without a token`);
  if (ports.state === 'fail') return ports;
  const asks = (await natsGreeting(cluster)).includes('"auth_required":true');
  return verdict(asks, `${ports.detail}; NATS ${asks ? 'asks for a token' : 'asks for no token'}`);
}

async function authorizesReads(cluster: ExaminedCluster): Promise<Verdict> {
  const [node] = await cluster.items<{ readonly metadata: { readonly name: string } }>('/api/v1/nodes');
  const path = `/api/v1/nodes/${node?.metadata.name ?? 'none'}/proxy/pods`;
  const { status } = await cluster.ask(path, { user: cluster.probeName, group: 'system:authenticated' });
  return verdict(status === 403, `a user without rights gets ${String(status)} from a node`);
}

function renewedCertificates(cluster: ExaminedCluster): Verdict {
  const certificates = credentials(cluster).filter((file) => file.endsWith('.crt'));
  const days = certificates.map((file) => {
    const { validFrom, validTo } = new X509Certificate(readFileSync(file));
    return Math.round((Date.parse(validTo) - Date.parse(validFrom)) / 86_400_000);
  });
  return verdict(
    days.every((count) => count <= 366),
    days.length === 0
      ? 'agents on the machine of a member have tokens that it renews'
      : `certificates of ${days.join(', ')} days, renewed at two thirds`,
  );
}

interface AddressedNode {
  readonly status?: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] };
}

/** At an address of loopback, and no node answers at another one. */
async function figuresStayInside(cluster: ExaminedCluster): Promise<Verdict> {
  const { metrics } = proxyPlaces(cluster.settings.network);
  if (metrics === undefined) return await cluster.noPort(10249);
  const { host, port } = metrics;
  const place = joinHostPort(host, port);
  const address = parseAddress(host);
  if (address === undefined || !isLoopback(address)) return verdict(false, `network.metricsBindAddress: ${place}`);
  const nodes = await cluster.items<AddressedNode>('/api/v1/nodes');
  const reached = nodes.flatMap(({ status }) =>
    (status?.addresses ?? []).flatMap((own) => (own.type === 'InternalIP' ? [own.address] : [])),
  );
  const open = [];
  for (const own of new Set(reached)) if (await cluster.listens(port, own)) open.push(joinHostPort(own, port));
  return verdict(
    open.length === 0,
    open.length === 0
      ? `${place}, and no node listens there at its own address`
      : `somebody listens on ${open.join(', ')}`,
  );
}

const processLimit = ({ settings: { node } }: ExaminedCluster): Verdict =>
  verdict((node.podPidsLimit ?? 0) > 0, `node.podPidsLimit: ${String(node.podPidsLimit ?? 0)}`);

export const nodeControls: readonly Control[] = [
  control('4.1.1', "Only root changes the kubelet's service file", noUnit),
  control('4.1.2', "Root owns the kubelet's service file", noUnit),
  control('4.1.3', "Only root changes the proxy's kubeconfig", noProxy),
  control('4.1.4', "Root owns the proxy's kubeconfig", noProxy),
  control('4.1.5', "Only the owner reads the agent's credentials", privateFiles(agentCredentials)),
  control('4.1.6', "Root owns the agent's credentials", ownedByRoot(agentCredentials)),
  control('4.1.7', 'Only the owner changes the authority of clients', privateFiles(authority)),
  control('4.1.8', 'Root owns the authority of clients', ownedByRoot(authority)),
  control('4.1.9', "Only the owner changes the agent's configuration", privateFiles(configuration)),
  control('4.1.10', "Root owns the agent's configuration", ownedByRoot(configuration)),
  control('4.2.1', 'The agent answers nobody without credentials', asksForTokens),
  control('4.2.2', 'The agent answers nobody without rights', authorizesReads),
  control('4.2.3', 'The agent recognises clients by an authority', noServer),
  control('4.2.4', 'The agent has no read-only port', noPort(10255)),
  control('4.2.5', 'Idle streams of the agent end', ofThePort('a request ends after 30 s')),
  control('4.2.6', 'The agent sees to the chains of iptables', without('the agent uses nftables in tables of its own')),
  control('4.2.7', "The node's name is not overridden", without('members give nodes their names')),
  control(
    '4.2.8',
    'The agent limits its own Events',
    without('the agent adds up its own Events, and all are limited where they are stored (1.2.9)'),
  ),
  control('4.2.9', 'The agent serves over TLS', ofThePort('the port speaks TLS 1.2 or 1.3')),
  control('4.2.10', "The agent's client certificate is renewed", renewedCertificates),
  control('4.2.11', "The agent's serving certificate is renewed", ofThePort('twice a year, and at each start')),
  control('4.2.12', 'The agent uses strong ciphers only', ofThePort('those of the API')),
  control('4.2.13', 'Pods have a limit of processes', processLimit),
  control('4.2.14', 'Pods have a seccomp profile by default', seccompByDefault),
  control('4.3.1', "The proxy's metrics are served on loopback only", figuresStayInside),
];
