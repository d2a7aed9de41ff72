/** Section 4 of the benchmark: nodes. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Control, without } from './control.ts';
import type { ExaminedCluster } from './examined-cluster.ts';
import { type Verdict, verdict } from './verdict.ts';

const noUnit = without('the agent is a process of Troupe, started by its keeper; there is no unit file of a kubelet');
const noProxy = without('the node agent writes the rules of Services itself; there is no kube-proxy');
const noServer = without('the agent listens on no port: what it serves goes over NATS, which has its own TLS');

const credentials = (cluster: ExaminedCluster): readonly string[] =>
  cluster.filesOf(cluster.home.pki, /^node.*\.(crt|key)$/);
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

async function asksForTokens(cluster: ExaminedCluster): Promise<Verdict> {
  const ports = await cluster.noPort(10250);
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

export const nodeControls: readonly Control[] = [
  { id: '4.1.1', title: "Only root changes the kubelet's service file", check: noUnit },
  { id: '4.1.2', title: "Root owns the kubelet's service file", check: noUnit },
  { id: '4.1.3', title: "Only root changes the proxy's kubeconfig", check: noProxy },
  { id: '4.1.4', title: "Root owns the proxy's kubeconfig", check: noProxy },
  {
    id: '4.1.5',
    title: "Only the owner reads the agent's credentials",
    check: (cluster) => cluster.privateFiles([cluster.home.pki, ...credentials(cluster)]),
  },
  {
    id: '4.1.6',
    title: "Root owns the agent's credentials",
    check: (cluster) => cluster.ownedByRoot([cluster.home.pki, ...credentials(cluster)]),
  },
  {
    id: '4.1.7',
    title: 'Only the owner changes the authority of clients',
    check: (cluster) => cluster.privateFiles(authority(cluster)),
  },
  {
    id: '4.1.8',
    title: 'Root owns the authority of clients',
    check: (cluster) => cluster.ownedByRoot(authority(cluster)),
  },
  {
    id: '4.1.9',
    title: "Only the owner changes the agent's configuration",
    check: (cluster) => cluster.privateFiles(configuration(cluster)),
  },
  {
    id: '4.1.10',
    title: "Root owns the agent's configuration",
    check: (cluster) => cluster.ownedByRoot(configuration(cluster)),
  },
  { id: '4.2.1', title: 'The agent answers nobody without credentials', check: asksForTokens },
  { id: '4.2.2', title: 'The agent answers nobody without rights', check: authorizesReads },
  { id: '4.2.3', title: 'The agent recognises clients by an authority', check: noServer },
  { id: '4.2.4', title: 'The agent has no read-only port', check: (cluster) => cluster.noPort(10255) },
  { id: '4.2.5', title: 'Idle streams of the agent end', check: noServer },
  {
    id: '4.2.6',
    title: 'The agent sees to the chains of iptables',
    check: without('the agent uses nftables in tables of its own'),
  },
  { id: '4.2.7', title: "The node's name is not overridden", check: without('members give nodes their names') },
  {
    id: '4.2.8',
    title: 'The agent limits its own Events',
    check: without('Events are limited where they are stored (1.2.9)'),
  },
  { id: '4.2.9', title: 'The agent serves over TLS', check: noServer },
  { id: '4.2.10', title: "The agent's client certificate is renewed", check: renewedCertificates },
  { id: '4.2.11', title: "The agent's serving certificate is renewed", check: noServer },
  { id: '4.2.12', title: 'The agent uses strong ciphers only', check: noServer },
  {
    id: '4.2.13',
    title: 'Pods have a limit of processes',
    check: ({ settings: { node } }) =>
      verdict((node.podPidsLimit ?? 0) > 0, `node.podPidsLimit: ${String(node.podPidsLimit ?? 0)}`),
  },
  {
    id: '4.2.14',
    title: 'Pods have a seccomp profile by default',
    check: ({ settings: { node } }) =>
      verdict(node.seccompDefault === true, `node.seccompDefault: ${String(node.seccompDefault ?? false)}`),
  },
  {
    id: '4.3.1',
    title: "The proxy's metrics are served on loopback only",
    check: (cluster) => cluster.noPort(10249, 10256),
  },
];
