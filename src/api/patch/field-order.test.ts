import test from 'ava';
import { writeManagers } from './field-owners.ts';
import { inOrder } from './field-order.ts';

test('fields stand by name, items by their keys, values and positions by what they are', (t) => {
  const set = {
    'f:name': {},
    'f:image': {},
    'f:ports': {
      'k:{"containerPort":443,"protocol":"TCP"}': {},
      '.': {},
      'k:{"containerPort":80,"protocol":"UDP"}': { 'f:protocol': {}, '.': {} },
      'k:{"containerPort":80,"protocol":"TCP"}': {},
    },
    'f:finalizers': { 'v:"b"': {}, 'v:"a"': {}, 'v:2': {}, 'v:10': {} },
    'f:args': { 'i:10': {}, 'i:9': {} },
  };
  t.is(
    JSON.stringify(inOrder(set)),
    '{"f:args":{"i:9":{},"i:10":{}},"f:finalizers":{"v:2":{},"v:10":{},"v:\\"a\\"":{},"v:\\"b\\"":{}},' +
      '"f:image":{},"f:name":{},"f:ports":{".":{},"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{},' +
      '"k:{\\"containerPort\\":80,\\"protocol\\":\\"UDP\\"}":{".":{},"f:protocol":{}},' +
      '"k:{\\"containerPort\\":443,\\"protocol\\":\\"TCP\\"}":{}}}',
  );
});

test('what is in order already is not made again', (t) => {
  const set = { 'f:a': { '.': {}, 'f:b': {} }, 'f:c': {} };
  t.is(inOrder(set), set);
});

test('managers are written with their fields in order', (t) => {
  const [entry] = writeManagers([
    {
      manager: 'm',
      operation: 'Update',
      apiVersion: 'v1',
      subresource: '',
      time: '2026-01-01T00:00:00Z',
      set: { 'f:b': {}, 'f:a': {} },
    },
  ]);
  t.is(JSON.stringify(entry?.fieldsV1), '{"f:a":{},"f:b":{}}');
});

test('items of a long list are ordered in little time', (t) => {
  const keys = Array.from({ length: 20_000 }, (_, index) => `k:{"name":"n${index}"}`);
  const set = Object.fromEntries(keys.map((key) => [key, {}]));
  const from = process.threadCpuUsage().user;
  const ordered = Object.keys(inOrder(set));
  t.true(process.threadCpuUsage().user - from < 600_000, 'half a second of processor time is by far too much');
  t.deepEqual(ordered, [...keys].sort());
});
