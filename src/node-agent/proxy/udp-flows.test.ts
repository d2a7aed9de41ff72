import test from 'ava';
import { CommandError } from '../network/index.ts';
import { endStaleFlows, staleFlows } from './udp-flows.ts';

const line = (to: string, answers: string, port = 53, answerPort = 5353): string =>
  `udp      17 28 src=10.244.0.9 dst=${to} sport=4000 dport=${port} [UNREPLIED] src=${answers} dst=10.244.0.9 ` +
  `sport=${answerPort} dport=4000 mark=0 use=1`;
const ended = (to: string, answers: string, port = '53', answerPort = '5353'): readonly string[] => [
  ...['-D', '-p', 'udp', '--orig-dst', to, '--orig-port-dst', port],
  ...['--reply-src', answers, '--reply-port-src', answerPort],
];
const own = new Set(['192.0.2.1', '127.0.0.1']);
const cluster = { address: '10.96.0.5', port: 53, isMachines: false, backends: new Set(['10.244.0.2:5353']) };
const nodePort = { address: undefined, port: 30_053, isMachines: true, backends: new Set(['10.244.0.2:5353']) };

test('flows to endpoints that are gone end, by the cluster address and by node port', (t) => {
  const listed = [
    line('10.96.0.5', '10.244.0.2'),
    line('10.96.0.5', '10.244.0.3'),
    line('10.96.0.5', '10.244.0.3'),
    line('192.0.2.1', '10.244.0.3', 30_053),
    line('192.0.2.1', '10.244.0.2', 30_053),
  ].join('\n');
  t.deepEqual(staleFlows(listed, [cluster, nodePort], own), [
    ended('10.96.0.5', '10.244.0.3'),
    ended('192.0.2.1', '10.244.0.3', '30053'),
  ]);
});

test('flows from before the port was translated end, and those to the same port elsewhere stay', (t) => {
  const listed = [
    line('192.0.2.1', '192.0.2.1', 30_053, 30_053),
    line('198.51.100.1', '198.51.100.1', 30_053, 30_053),
    line('8.8.8.8', '8.8.8.8'),
    'conntrack v1.4.8 (conntrack-tools): 3 flow entries have been shown.',
  ].join('\n');
  t.deepEqual(staleFlows(listed, [cluster, nodePort], own), [ended('192.0.2.1', '192.0.2.1', '30053', '30053')]);
});

test('a target without endpoints has no flows', (t) => {
  const empty = { ...cluster, backends: new Set<string>() };
  t.deepEqual(staleFlows(line('10.96.0.5', '10.244.0.2'), [empty], own), [ended('10.96.0.5', '10.244.0.2')]);
});

test('a flow of IPv6 is known by its answering address and port as well', (t) => {
  const target = { address: 'fd00:96::5', port: 53, isMachines: false, backends: new Set(['[fd00:244::2]:5353']) };
  const listed = [line('fd00:96::5', 'fd00:244::2'), line('fd00:96::5', 'fd00:244::3')].join('\n');
  t.deepEqual(staleFlows(listed, [target], own), [ended('fd00:96::5', 'fd00:244::3')]);
});

test('a flow that ended by itself is no failure; a program that cannot run is one', async (t) => {
  const gone = new CommandError(
    'conntrack -D',
    1,
    'conntrack v1.4.8 (conntrack-tools): 0 flow entries have been deleted.',
  );
  await t.notThrowsAsync(
    endStaleFlows(
      (_command, args) => (args[0] === '-L' ? Promise.resolve(line('10.96.0.5', '10.244.0.3')) : Promise.reject(gone)),
      { family: 'IPv4', targets: [cluster], own },
    ),
  );
  const missing = new CommandError('conntrack', undefined, 'ENOENT');
  await t.throwsAsync(
    endStaleFlows(() => Promise.reject(missing), { family: 'IPv4', targets: [cluster], own }),
    { is: missing },
  );
});

test("flows to a machine's address that is not here are nobody's business", (t) => {
  const elsewhere = { address: '198.51.100.1', port: 30_053, isMachines: true, backends: new Set<string>() };
  const listed = line('198.51.100.1', '198.51.100.1', 30_053, 30_053);
  t.deepEqual(staleFlows(listed, [elsewhere], own), []);
});
