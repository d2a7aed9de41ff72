import test from 'ava';
import { overlayDevice } from './overlay.ts';
import { filterChanges, type RemoteRange, routeChanges, serviceRouteChanges } from './route-plan.ts';

const settings = { cluster: 'c', bridge: 'trp-c', clusterCidr: '10.244.0.0/16', forwardChain: 'DOCKER-USER' };
const remote = [
  { podCidr: '10.244.2.0/24', address: '192.0.2.2' },
  { podCidr: '10.244.3.0/24', address: '192.0.2.3' },
];

test("routes are made for other machines' pods, mended and taken away; those of other clusters stay", (t) => {
  const shown =
    '10.244.2.0/24 via 192.0.2.2 dev eth0\n10.244.3.0/24 via 192.0.2.9 dev eth0\n' +
    '10.244.7.0/24 via 192.0.2.7 dev eth0\n10.250.1.0/24 via 192.0.2.8 dev eth0\n';
  t.deepEqual(routeChanges({ remote, local: [] }, shown, settings), [
    'route del 10.244.7.0/24 proto 177',
    'route replace 10.244.3.0/24 via 192.0.2.3 proto 177',
  ]);
  t.deepEqual(routeChanges({ remote: [], local: [] }, '', settings), []);
});

test('the machine speaks to its own pods from its address, and a route that is right stays', (t) => {
  const local = [{ podCidr: '10.244.1.0/24', address: '192.0.2.1' }];
  const right = '10.244.1.0/24 dev trp-c scope link src 192.0.2.1';
  const made = 'route replace 10.244.1.0/24 dev trp-c src 192.0.2.1 proto 177';
  t.deepEqual(routeChanges({ remote: [], local }, '', settings), [made]);
  t.deepEqual(routeChanges({ remote: [], local }, right.replace('2.1', '2.9'), settings), [made]);
  t.deepEqual(routeChanges({ remote: [], local }, right, settings), []);
  t.deepEqual(routeChanges({ remote: [], local: [] }, right, settings), ['route del 10.244.1.0/24 proto 177']);
});

test('machines behind a router are reached in the overlay, and a way that changes is replaced', (t) => {
  const [first, second] = remote;
  const device = overlayDevice('c');
  const behind = [{ ...first, overlay: true }, second].filter((range) => range !== undefined) as RemoteRange[];
  const shown = `10.244.2.0/24 via 192.0.2.2 dev eth0\n10.244.3.0/24 via 192.0.2.3 dev eth0`;
  t.deepEqual(routeChanges({ remote: behind, local: [] }, shown, settings), [
    `route replace 10.244.2.0/24 via 10.244.2.0 dev ${device} onlink proto 177`,
  ]);
  const after = `10.244.2.0/24 via 10.244.2.0 dev ${device} onlink\n10.244.3.0/24 via 192.0.2.3 dev eth0`;
  t.deepEqual(routeChanges({ remote: behind, local: [] }, after, settings), []);
});

test('added ranges of Services lead to the bridge while in force; routes of pods and others stay', (t) => {
  const made = 'route append 10.200.0.0/24 dev trp-c src 10.244.0.1 metric 30000 proto 177';
  const right = '10.200.0.0/24 dev trp-c scope link src 10.244.0.1 metric 30000 linkdown';
  const others =
    '10.244.1.0/24 dev trp-c scope link src 192.0.2.1\n10.244.2.0/24 via 192.0.2.2 dev eth0\n' +
    '10.201.0.0/24 dev trp-d scope link src 10.250.0.1\n';
  t.deepEqual(serviceRouteChanges(['10.200.0.0/24'], others, settings), [made]);
  t.deepEqual(serviceRouteChanges(['10.200.0.0/24'], others + right, settings), []);
  t.deepEqual(serviceRouteChanges([], others + right, settings), ['route del 10.200.0.0/24 dev trp-c proto 177']);
  // A range of one address is shown without its length.
  t.deepEqual(serviceRouteChanges(['10.200.1.1/32'], '10.200.1.1 dev trp-c scope link src 10.244.0.1', settings), []);
  const six = { ...settings, clusterCidr: 'fd00:244::/48' };
  const shown = 'fd00:98::/112 dev trp-c src fd00:244::1 metric 30000 pref medium';
  t.deepEqual(serviceRouteChanges(['fd00:99::/112'], shown, six), [
    'route del fd00:98::/112 dev trp-c proto 177',
    'route append fd00:99::/112 dev trp-c src fd00:244::1 metric 30000 proto 177',
  ]);
});

test("the packet filter lets other machines' pods and the machines in, and no rule stays behind", (t) => {
  const rule = (text: string): string => `-A DOCKER-USER ${text} -m comment --comment troupe-c -j ACCEPT`;
  const shown = [
    '-N DOCKER-USER',
    rule('-s 10.244.0.0/16 -d 10.244.0.0/16'),
    rule('-s 192.0.2.9/32 -o trp-c'),
    '-A DOCKER-USER -s 192.0.2.9/32 -o other -m comment --comment troupe-d -j ACCEPT',
    '-A DOCKER-USER -j RETURN',
  ].join('\n');
  t.deepEqual(filterChanges(remote, shown, settings), [
    '-D DOCKER-USER -s 192.0.2.9/32 -o trp-c -m comment --comment troupe-c -j ACCEPT',
    '-I DOCKER-USER -m connmark --mark 0x400000/0x400000 -m comment --comment troupe-c -j ACCEPT',
    '-I DOCKER-USER -s 192.0.2.2/32 -o trp-c -m comment --comment troupe-c -j ACCEPT',
    '-I DOCKER-USER -s 192.0.2.3/32 -o trp-c -m comment --comment troupe-c -j ACCEPT',
  ]);
  t.is(filterChanges(undefined, shown, settings).length, 2);
});

test('what the service rules translated passes the packet filter on a cluster of one machine, too', (t) => {
  t.deepEqual(filterChanges([], '-N DOCKER-USER', settings), [
    '-I DOCKER-USER -m connmark --mark 0x400000/0x400000 -m comment --comment troupe-c -j ACCEPT',
  ]);
});

test('routes and leave are the same for IPv6', (t) => {
  const six = { ...settings, clusterCidr: 'fd00:244::/48' };
  const ranges = [
    { podCidr: 'fd00:244:0:2::/64', address: 'fd00:77::12' },
    { podCidr: 'fd00:244:0:3::/64', address: '', overlay: true },
  ];
  const local = [{ podCidr: 'fd00:244:0:1::/64', address: 'fd00:77::11' }];
  const shown =
    'fd00:244:0:1::/64 dev trp-c src fd00:77::11 metric 1024 pref medium\n' +
    'fd00:244:0:2::/64 via fd00:77::12 dev eth0 metric 1024 pref medium\n' +
    'fd00:244:0:9::/64 via fd00:77::19 dev eth0 metric 1024 pref medium\n' +
    '10.244.2.0/24 via 192.0.2.2 dev eth0\n';
  t.deepEqual(routeChanges({ remote: ranges, local }, shown, six), [
    'route del fd00:244:0:9::/64 proto 177',
    `route replace fd00:244:0:3::/64 via fd00:244:0:3:ffff:ffff:ffff:ffff dev ${overlayDevice('c')} onlink proto 177`,
  ]);
  t.deepEqual(
    filterChanges(ranges, '', six).map((line) => line.replace(/ -m comment.*/, '')),
    [
      '-I DOCKER-USER -m connmark --mark 0x400000/0x400000',
      '-I DOCKER-USER -s fd00:244::/48 -d fd00:244::/48',
      '-I DOCKER-USER -s fd00:77::12/128 -o trp-c',
    ],
  );
});
