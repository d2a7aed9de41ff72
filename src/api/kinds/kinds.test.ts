import test from 'ava';
import { parseAddress, parseCidr } from '../machinery/index.ts';
import type { JsonObject } from '../object.ts';
import { findResource } from '../schema/index.ts';
import { addressErrors, specialAddressErrors } from './addresses.ts';
import { behaviourOf, defaultBehaviour } from './index.ts';
import { created, rowOf, updated } from './testing/checked.ts';
import { object } from './objects.fixture.ts';

test('addresses are read in every notation', (t) => {
  t.deepEqual(parseAddress('10.0.0.1'), { family: 'IPv4', bits: 0x0a000001n });
  t.deepEqual(parseAddress('::ffff:10.0.0.1'), { family: 'IPv4', bits: 0x0a000001n });
  t.deepEqual(parseAddress('fd00::1'), { family: 'IPv6', bits: (0xfd00n << 112n) | 1n });
  for (const text of ['10.0.0', '10.0.0.256', 'fd00:::1', 'x', '', '1:2:3:4:5:6:7:8:9', '::1::'])
    t.is(parseAddress(text), undefined, text);
  t.is(addressErrors('p', 'x').length, 1);
  t.is(parseCidr('10.0.0.0/33'), undefined);
  t.is(
    specialAddressErrors('p', '169.254.1.1')[0]?.detail,
    'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  );
});

test('a kind without its own behaviour keeps its status apart and counts generations', (t) => {
  const info = findResource('apps', 'v1', 'deployments');
  if (info === undefined) return t.fail('the tables have no deployments');
  const behaviour = defaultBehaviour(info);
  const next: JsonObject = { metadata: { name: 'a' }, spec: { a: 2 }, status: { hacked: true } };
  behaviour.prepareForUpdate?.(next, {
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'a', generation: 3 },
    spec: { a: 1 },
    status: { b: 1 },
  });
  t.deepEqual(next, { metadata: { name: 'a', generation: 4 }, spec: { a: 2 }, status: { b: 1 } });
  t.is(behaviourOf(info), behaviourOf(info));
});

test('endpoints without a ready address show nothing, an address what has it', (t) => {
  const endpoints = created(
    object('v1', 'Endpoints', { subsets: [{ notReadyAddresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] }),
  ).object;
  t.is(rowOf(endpoints)[1], '');
  t.is(rowOf(created(object('v1', 'Endpoints', {})).object)[1], '<none>');
  const address = created(
    object('networking.k8s.io/v1', 'IPAddress', {
      metadata: { name: '10.0.0.1' },
      spec: { parentRef: { group: 'g.example', resource: 'gateways', namespace: 'n', name: 'a' } },
    }),
  ).object;
  t.deepEqual(rowOf(address), ['10.0.0.1', 'gateways.g.example/n/a', '60m']);
});

test('each condition of a level has another type, and one of an API service is True, False or Unknown', (t) => {
  const level = created(
    object('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', {
      spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
    }),
  ).object;
  const service = created(
    object('apiregistration.k8s.io/v1', 'APIService', {
      metadata: { name: 'v1.g.example' },
      spec: { group: 'g.example', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 },
    }),
  ).object;
  const errors = (old: typeof level, ...conditions: JsonObject[]): readonly string[] =>
    updated(
      old,
      (next) => {
        next['status'] = { conditions };
      },
      'status',
    ).errors;
  t.deepEqual(errors(level, { type: 'A' }, { type: 'B' }), []);
  t.deepEqual(errors(level, { type: 'A' }, { type: 'A' }, {}), [
    'status.conditions[1].type: Duplicate value: "A"',
    'status.conditions[2].type: Required value: must not be empty',
  ]);
  t.deepEqual(errors(service, { type: 'Available', status: 'Maybe' }), [
    'status.conditions[0].status: Unsupported value: "Maybe": supported values: "True", "False", "Unknown"',
  ]);
});
