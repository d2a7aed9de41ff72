import test from 'ava';
import type { Pod } from '../../api/index.ts';
import { parseResolvConf, resolvConf } from './index.ts';

const pod = (spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', uid: 'u1' } as Pod['metadata'],
  status: {},
  spec: { containers: [], ...spec },
});
const cluster = {
  dnsAddresses: ['10.96.0.10'],
  domain: 'cluster.local',
  host: parseResolvConf('# c\nnameserver 9.9.9.9\nsearch lan\noptions timeout:1\n'),
};
const fileOf = (given: Pod, facts: typeof cluster): string => resolvConf(given, facts).text;

test('the resolver file follows dnsPolicy and dnsConfig', (t) => {
  t.is(
    fileOf(pod(), cluster),
    'search shop.svc.cluster.local svc.cluster.local cluster.local lan\nnameserver 10.96.0.10\noptions ndots:5\n',
  );
  t.is(fileOf(pod({ hostNetwork: true }), cluster), 'search lan\nnameserver 9.9.9.9\noptions timeout:1\n');
  t.true(fileOf(pod({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }), cluster).includes('10.96.0.10'));
  t.is(
    fileOf(
      pod({
        dnsPolicy: 'None',
        dnsConfig: { nameservers: ['1.1.1.1'], searches: ['x'], options: [{ name: 'ndots', value: '2' }] },
      }),
      cluster,
    ),
    'search x\nnameserver 1.1.1.1\noptions ndots:2\n',
  );
  t.true(
    fileOf(pod({ dnsConfig: { options: [{ name: 'ndots', value: '2' }] } }), cluster).endsWith('options ndots:2\n'),
  );
});

const own = (dnsConfig: Pod['spec']['dnsConfig']): ReturnType<typeof resolvConf> =>
  resolvConf(pod({ dnsPolicy: 'None', dnsConfig }), cluster);
const nameserverLimit =
  'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ';
const searchLimit =
  'Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ';

test('a resolver file has three nameservers, each once, and says which ones of more', (t) => {
  const nameservers = ['1.1.1.1', '2.2.2.2', '1.1.1.1', '3.3.3.3'];
  const kept = 'nameserver 1.1.1.1\nnameserver 2.2.2.2\nnameserver 3.3.3.3\n';
  t.deepEqual(own({ nameservers }), { text: kept, omissions: [] });
  t.deepEqual(own({ nameservers: [...nameservers, '4.4.4.4'] }), {
    text: kept,
    omissions: [`${nameserverLimit}1.1.1.1 2.2.2.2 3.3.3.3`],
  });
});

test('a search line has 32 domains, each once', (t) => {
  const searches = Array.from({ length: 32 }, (_, i) => `d${i}`);
  const line = searches.join(' ');
  t.deepEqual(own({ searches: ['d0', ...searches] }), { text: `search ${line}\n`, omissions: [] });
  t.deepEqual(own({ searches: [...searches, 'more'] }), { text: `search ${line}\n`, omissions: [searchLimit + line] });
});

test('a search line has 2,048 characters: the last domains are left out', (t) => {
  const searches = Array.from({ length: 9 }, (_, i) => `${i}`.repeat(227));
  const [first, ...rest] = searches;
  const full = searches.join(' ');
  t.is(full.length, 2051);
  const exact = [first?.slice(3) ?? '', ...rest].join(' ');
  t.deepEqual(own({ searches: exact.split(' ') }), { text: `search ${exact}\n`, omissions: [] });
  const cut = searches.slice(0, 8).join(' ');
  t.deepEqual(own({ searches }), { text: `search ${cut}\n`, omissions: [searchLimit + cut] });
});

test('a search domain longer than a domain may be is left out', (t) => {
  t.deepEqual(own({ searches: ['a', 'b'.repeat(254), 'c'] }), {
    text: 'search a c\n',
    omissions: [`${searchLimit}a c`],
  });
});

test("domains of the machine's file are the same with and without their last dot", (t) => {
  const host = parseResolvConf('search lan. lan other. .\n');
  t.is(fileOf(pod({ dnsPolicy: 'Default' }), { ...cluster, host }), 'search lan other .\n');
});
