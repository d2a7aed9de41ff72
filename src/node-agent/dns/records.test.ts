import test from 'ava';
import type { EndpointSlice, New, Service, ServiceSpec } from '../../api/index.ts';
import { answerQuestion, type DnsFacts, type DnsOutcome, namesOfAddress } from './index.ts';
import { stored } from '../objects.fixture.ts';

const service = (name: string, spec: New<ServiceSpec>): Service =>
  stored<Service>({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec,
  });
const services = [
  service('web', {
    clusterIP: '10.96.0.5',
    clusterIPs: ['10.96.0.5'],
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  }),
  service('both', {
    clusterIP: '10.96.0.6',
    clusterIPs: ['10.96.0.6', 'fd00:96::6'],
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  }),
  service('pair', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] }),
  service('db', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] }),
  service('away', { type: 'ExternalName', externalName: 'example.com' }),
  service('lonely', { clusterIP: 'None' }),
  service('near', { type: 'ExternalName', externalName: 'db.shop.svc.cluster.local' }),
  service('nearer', { type: 'ExternalName', externalName: 'near.shop.svc.cluster.local.' }),
  service('gone', { type: 'ExternalName', externalName: 'nothing.shop.svc.cluster.local' }),
  service('round', { type: 'ExternalName', externalName: 'round.shop.svc.cluster.local' }),
];
const pairSlice = (addressType: 'IPv4' | 'IPv6', address: string): EndpointSlice =>
  stored<EndpointSlice>({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `pair-${addressType}`, namespace: 'shop', labels: { 'kubernetes.io/service-name': 'pair' } },
    addressType,
    ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }],
    endpoints: [{ addresses: [address], hostname: 'pair-0', conditions: { ready: true } }],
  });
const slices = [
  stored<EndpointSlice>({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-x', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [
      { addresses: ['10.244.0.21'], hostname: 'web-0', conditions: { ready: true } },
      { addresses: ['10.244.0.22'], conditions: { ready: true } },
      { addresses: ['10.244.0.23'], hostname: 'web-2', conditions: { ready: false } },
    ],
  }),
  pairSlice('IPv4', '10.244.0.7'),
  pairSlice('IPv6', 'fd00:244::7'),
  stored<EndpointSlice>({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'db-x', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'db' } },
    addressType: 'IPv4',
    ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }],
    endpoints: [
      { addresses: ['10.244.0.2'], hostname: 'db-0', conditions: { ready: true } },
      { addresses: ['10.244.0.3'], conditions: { ready: true } },
      { addresses: ['10.244.0.4'], conditions: { ready: false } },
    ],
  }),
];
const facts: DnsFacts = {
  domain: 'cluster.local',
  service: (namespace, name) =>
    services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
  slicesOf: (namespace, name) =>
    slices.filter(
      ({ metadata }) => metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name,
    ),
  hasNamespace: (namespace) => namespace === 'shop' || namespace === 'bare',
  hasServices: (namespace) => namespace === 'shop',
  namesOf: (address) => namesOfAddress(services, slices, { address, domain: 'cluster.local' }),
};

function told(outcome: DnsOutcome): string {
  if (outcome.type !== 'answer') return outcome.type;
  return outcome.answers
    .map(({ type, data }) => `${type} ${typeof data === 'string' ? data : `${data.port} ${data.target}`}`)
    .join(', ');
}

/** The name by which the name of an IPv6 address is asked for; `digits`: all 32 of them. */
const reversed = (digits: string): string => `${[...digits].reverse().join('.')}.ip6.arpa`;

const questions: readonly (readonly [string, string, string])[] = [
  ['web.shop.svc.cluster.local', 'A', 'A 10.96.0.5'],
  ['WEB.shop.svc.Cluster.Local.', 'A', 'A 10.96.0.5'],
  ['web.shop.svc.cluster.local', 'AAAA', ''],
  ['nothing.shop.svc.cluster.local', 'A', 'no-such-name'],
  ['web.shop.cluster.local', 'A', 'no-such-name'],
  ['_http._tcp.web.shop.svc.cluster.local', 'SRV', 'SRV 80 web.shop.svc.cluster.local'],
  ['_other._tcp.web.shop.svc.cluster.local', 'SRV', 'no-such-name'],
  ['db.shop.svc.cluster.local', 'A', 'A 10.244.0.2, A 10.244.0.3'],
  ['db-0.db.shop.svc.cluster.local', 'A', 'A 10.244.0.2'],
  ['10-244-0-3.db.shop.svc.cluster.local', 'A', 'A 10.244.0.3'],
  [
    '_sql._tcp.db.shop.svc.cluster.local',
    'SRV',
    'SRV 5432 db-0.db.shop.svc.cluster.local, SRV 5432 10-244-0-3.db.shop.svc.cluster.local',
  ],
  ['web-0.web.shop.svc.cluster.local', 'A', 'A 10.244.0.21'],
  ['10-244-0-22.web.shop.svc.cluster.local', 'A', 'A 10.244.0.22'],
  ['web-1.web.shop.svc.cluster.local', 'A', 'no-such-name'],
  ['web-2.web.shop.svc.cluster.local', 'A', 'no-such-name'],
  ['21.0.244.10.in-addr.arpa', 'PTR', 'PTR web-0.web.shop.svc.cluster.local'],
  ['22.0.244.10.in-addr.arpa', 'PTR', 'forward'],
  ['shop.svc.cluster.local', 'A', ''],
  ['db.svc.cluster.local', 'A', 'no-such-name'],
  ['10-244-0-9.bare.pod.cluster.local', 'A', 'A 10.244.0.9'],
  ['lonely.shop.svc.cluster.local', 'A', 'no-such-name'],
  ['away.shop.svc.cluster.local', 'A', 'CNAME example.com'],
  ['near.shop.svc.cluster.local', 'A', 'CNAME db.shop.svc.cluster.local, A 10.244.0.2, A 10.244.0.3'],
  [
    'nearer.shop.svc.cluster.local',
    'A',
    'CNAME near.shop.svc.cluster.local., CNAME db.shop.svc.cluster.local, A 10.244.0.2, A 10.244.0.3',
  ],
  ['near.shop.svc.cluster.local', 'CNAME', 'CNAME db.shop.svc.cluster.local'],
  ['near.shop.svc.cluster.local', 'AAAA', 'CNAME db.shop.svc.cluster.local'],
  ['gone.shop.svc.cluster.local', 'A', 'CNAME nothing.shop.svc.cluster.local'],
  ['dns-version.cluster.local', 'TXT', 'TXT 1.1.0'],
  ['dns-version.cluster.local', 'A', ''],
  ['10-244-0-9.shop.pod.cluster.local', 'A', 'A 10.244.0.9'],
  ['10-244-0-9.nowhere.pod.cluster.local', 'A', 'no-such-name'],
  ['5.0.96.10.in-addr.arpa', 'PTR', 'PTR web.shop.svc.cluster.local'],
  ['2.0.244.10.in-addr.arpa', 'PTR', 'PTR db-0.db.shop.svc.cluster.local'],
  ['1.1.1.1.in-addr.arpa', 'PTR', 'forward'],
  ['both.shop.svc.cluster.local', 'A', 'A 10.96.0.6'],
  ['both.shop.svc.cluster.local', 'AAAA', 'AAAA fd00:96::6'],
  ['both.shop.svc.cluster.local', 'ANY', 'A 10.96.0.6, AAAA fd00:96::6'],
  ['pair.shop.svc.cluster.local', 'A', 'A 10.244.0.7'],
  ['pair.shop.svc.cluster.local', 'AAAA', 'AAAA fd00:244::7'],
  ['pair-0.pair.shop.svc.cluster.local', 'AAAA', 'AAAA fd00:244::7'],
  ['_sql._tcp.pair.shop.svc.cluster.local', 'SRV', 'SRV 5432 pair-0.pair.shop.svc.cluster.local'],
  ['fd00-244--9.shop.pod.cluster.local', 'AAAA', 'AAAA fd00:244::9'],
  ['fd00-244--9.shop.pod.cluster.local', 'A', ''],
  [reversed('fd000096000000000000000000000006'), 'PTR', 'PTR both.shop.svc.cluster.local'],
  [reversed('fd000244000000000000000000000007'), 'PTR', 'PTR pair-0.pair.shop.svc.cluster.local'],
  [reversed('20010db8000000000000000000000001'), 'PTR', 'forward'],
  ['6.0.0.0.ip6.arpa', 'PTR', 'forward'],
  ['x.ip6.arpa', 'PTR', 'forward'],
  ['example.com', 'A', 'forward'],
  ['cluster.local', 'A', ''],
];
for (const [name, type, expected] of questions) {
  test(`${type} of ${name} is ${expected === '' ? 'empty' : expected}`, (t) => {
    t.is(told(answerQuestion(facts, { name, type })), expected);
  });
}

test('an alias that leads back to itself is followed a few times and no further', (t) => {
  const outcome = answerQuestion(facts, { name: 'round.shop.svc.cluster.local', type: 'A' });
  t.true(outcome.type === 'answer' && outcome.answers.length > 1 && outcome.answers.length < 20);
});

test('an alias of a name outside of the cluster is handed on to be looked up', (t) => {
  const outcome = answerQuestion(facts, { name: 'away.shop.svc.cluster.local', type: 'A' });
  t.is(outcome.type === 'answer' ? outcome.alias : undefined, 'example.com');
});
