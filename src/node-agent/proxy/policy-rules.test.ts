import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import test from 'ava';
import { type AddressSet, peersOf, policyLabel, setLabel, selectedPodsOf, withPort } from '../../protocol/index.ts';
import type { EndpointSlice, NetworkPolicy, NetworkPolicySpec } from '../../api/index.ts';
import { policyRules } from './policy-rules.ts';
import { tableText } from './table.ts';
import { ruleset } from './index.ts';
import { stored } from '../objects.fixture.ts';

const here = new Set(['node-1']);
const policy = (spec: NetworkPolicySpec, name = 'p'): NetworkPolicy =>
  stored<NetworkPolicy>({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop' },
    spec,
  });
const slice = (
  set: AddressSet | undefined,
  addresses: readonly string[],
  {
    port,
    node = 'node-1',
    name = 'p',
  }: { readonly port?: number; readonly node?: string; readonly name?: string } = {},
): EndpointSlice =>
  stored<EndpointSlice>({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-x`, namespace: 'shop', labels: { [policyLabel]: name, [setLabel]: set?.key ?? '' } },
    addressType: 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], nodeName: node })),
    ports: port === undefined ? undefined : [{ port }],
  });
const textOf = (policies: readonly NetworkPolicy[], slices: readonly EndpointSlice[]): string => {
  const { sets, chains, baseChains } = policyRules(policies, slices, { family: 'IPv4', localNodes: here });
  const table = { name: 'ip t', sets, chains: new Map([...chains, ...baseChains]) };
  return table.chains.size === 0 ? '' : tableText(table);
};

test('a policy isolates its pods on this machine in its directions, and no other pods', (t) => {
  const spec: NetworkPolicySpec = { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] };
  const text = textOf(
    [policy(spec)],
    [slice(selectedPodsOf(spec), ['10.244.0.2']), slice(selectedPodsOf(spec), ['10.244.1.2'], { node: 'node-2' })],
  );
  t.regex(text, /chain ingress-10_244_0_2 \{\n {4}ip saddr 10\.244\.0\.2 accept\n {4}jump ingress-\w+\n {4}drop\n/);
  t.true(text.includes('ip daddr vmap { 10.244.0.2 : jump ingress-10_244_0_2 }'));
  t.false(text.includes('10.244.1.2') || text.includes('egress'));
  // Packets of a flow that is established are judged as the first one was.
  t.regex(text, /policy-ingress \{\n.*\n {4}ct direction reply accept\n {4}ct state related accept\n {4}ip daddr vmap/);
  t.false(text.includes('established'));
  t.is(textOf([policy(spec)], []), '');
});

test('peers, blocks and ports are let through in every combination', (t) => {
  const from = { podSelector: { matchLabels: { app: 'proxy' } } };
  const spec: NetworkPolicySpec = {
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: [
          from,
          { ipBlock: { cidr: '192.0.2.0/24', except: ['192.0.2.8/29', '192.0.2.16/30'] } },
          { ipBlock: { cidr: '2001:db8::/32' } },
        ],
        ports: [{ port: 80 }, { port: 5000, endPort: 5010, protocol: 'UDP' }],
      },
    ],
    egress: [{}],
  };
  const text = textOf(
    [policy(spec)],
    [slice(selectedPodsOf(spec), ['10.244.0.2']), slice(peersOf(from), ['10.244.0.9', '10.244.0.3'])],
  );
  t.regex(text, /set pods-\w+ \{ type ipv4_addr; elements = \{ 10\.244\.0\.3, 10\.244\.0\.9 \}; \}/);
  t.regex(text, /ip saddr @pods-\w+ meta l4proto tcp th dport 80 accept/);
  t.regex(text, /ip saddr @pods-\w+ meta l4proto udp th dport 5000-5010 accept/);
  t.true(
    text.includes(
      'ip saddr 192.0.2.0/24 ip saddr != 192.0.2.8/29 ip saddr != 192.0.2.16/30 meta l4proto tcp th dport 80 accept',
    ),
  );
  t.false(text.includes('2001:db8'));
  t.regex(text, /chain egress-\w+ \{\n {4}accept\n {2}\}/);
});

test('peers that are not known yet let nobody in', (t) => {
  const spec: NetworkPolicySpec = {
    podSelector: {},
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'new' } } }] }],
  };
  t.regex(
    textOf([policy(spec)], [slice(selectedPodsOf(spec), ['10.244.0.2'])]),
    /set pods-\w+ \{ type ipv4_addr; {2}\}/,
  );
});

test('a named port is that of the pod that receives', (t) => {
  const to = { podSelector: { matchLabels: { app: 'db' } } };
  const port = { port: 'sql' };
  const spec: NetworkPolicySpec = {
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ ports: [port] }],
    egress: [
      { to: [to], ports: [port] },
      { to: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [port] },
    ],
  };
  const [subjects, peers] = [selectedPodsOf(spec), peersOf(to)];
  const text = textOf(
    [policy(spec)],
    [
      slice(subjects, ['10.244.0.2']),
      slice(withPort(subjects, port), ['10.244.0.2'], { port: 81 }),
      slice(peers === undefined ? undefined : withPort(peers, port), ['10.244.0.9'], { port: 5432 }),
    ],
  );
  t.true(text.includes('elements = { 10.244.0.2 . 81 }') && text.includes('elements = { 10.244.0.9 . 5432 }'));
  t.is(text.split('meta l4proto tcp ip daddr . th dport @').length, 3);
  t.false(text.includes('0.0.0.0/0'));
});

test('the same facts give the same rules, whatever their order; two policies add up', (t) => {
  const spec: NetworkPolicySpec = { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] };
  const policies = [policy(spec, 'a'), policy(spec, 'b')];
  const slices = ['a', 'b'].map((name) => slice(selectedPodsOf(spec), ['10.244.0.3', '10.244.0.2'], { name }));
  const text = textOf(policies, slices);
  t.is(textOf([...policies].reverse(), [...slices].reverse()), text);
  t.regex(text, /accept\n {4}jump ingress-\w+\n {4}jump ingress-\w+\n {4}drop/);
});

test("the kernel's tool accepts the rules", (t) => {
  const nft = '/usr/sbin/nft';
  if (!existsSync(nft) || process.getuid?.() !== 0) {
    t.log('skipped: nft is not here, or not for this user');
    t.pass();
    return;
  }
  const port = { port: 'sql', protocol: 'TCP' } as const;
  const to = { podSelector: {}, namespaceSelector: {} };
  const spec: NetworkPolicySpec = {
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: [{ podSelector: {} }, { ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '10.1.0.0/16'] } }],
        ports: [{ port: 80 }, { protocol: 'SCTP' }, { port: 1, endPort: 9, protocol: 'UDP' }, port],
      },
      {},
    ],
    egress: [{ to: [to], ports: [port] }],
  };
  const set = peersOf(to);
  const policies = policyRules(
    [policy(spec)],
    [
      slice(selectedPodsOf(spec), ['10.244.0.2', '10.244.0.3']),
      slice(set === undefined ? undefined : withPort(set, port), ['10.244.0.9'], { port: 5432 }),
    ],
    { family: 'IPv4', localNodes: here },
  );
  const { table } = ruleset([], {
    family: 'IPv4',
    table: 'troupe_test',
    bridge: 'trp-test',
    overlay: 'trpx-test',
    clusterCidr: '10.244.0.0/16',
    serviceCidr: '10.96.0.0/16',
    filtered: true,
    hostPorts: [],
    policies,
  });
  t.notThrows(() => execFileSync(nft, ['-c', '-f', '-'], { input: tableText(table) }));
});

test('no text of a block makes the packet filter refuse every rule, or read other addresses', (t) => {
  const cidrs = ['010.0.0.0/8', '08.0.0.1/32', '10.1.0.9/016', '::ffff:10.2.0.0/16'];
  const spec: NetworkPolicySpec = {
    podSelector: {},
    ingress: [
      { from: cidrs.map((cidr) => ({ ipBlock: { cidr } })) },
      { from: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['010.0.0.0/08'] } }] },
    ],
  };
  const text = textOf([policy(spec)], [slice(selectedPodsOf(spec), ['010.244.0.2'])]);
  t.deepEqual(
    [...text.matchAll(/ip saddr (\S+\/.*) accept/g)].map(([, match]) => match),
    ['10.0.0.0/8', '8.0.0.1/32', '10.1.0.0/16', '10.2.0.0/16', '0.0.0.0/0 ip saddr != 10.0.0.0/8'],
  );
  t.true(text.includes('chain ingress-10_244_0_2 {'));
  if (!existsSync('/usr/sbin/nft') || process.getuid?.() !== 0) return t.log('nft is not here, or not for this user');
  return t.notThrows(() => execFileSync('/usr/sbin/nft', ['-c', '-f', '-'], { input: text }));
});
