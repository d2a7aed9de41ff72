import test from 'ava';
import type { Endpoint, New, Node } from '../../api/index.ts';
import { withZoneHints } from './zone-hints.ts';
import { ZoneProcessors } from './zone-processors.ts';

const sharesOf = (nodes: readonly Node[]) => new ZoneProcessors(nodes).shares();

const node = (
  name: string,
  zone: string | undefined,
  cpu: string,
  more: { control?: boolean; ready?: string } = {},
): Node => {
  const fields: New<Node> = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }),
        ...(more.control === true ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
      },
    },
    status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: more.ready ?? 'True' }] },
  };
  return fields as Node;
};

/** Ready endpoints, so many in each zone. */
const endpoints = (counts: Readonly<Record<string, number>>): Endpoint[] =>
  Object.entries(counts).flatMap(([zone, count]) =>
    Array.from({ length: count }, (_, i) => ({
      addresses: [`10.0.${zone.charCodeAt(0)}.${i}`],
      conditions: { ready: true },
      zone,
    })),
  );

const hintsOf = (all: readonly Endpoint[]): Readonly<Record<string, number>> => {
  const found: Record<string, number> = {};
  for (const { hints } of all) for (const { name } of hints?.forZones ?? []) found[name] = (found[name] ?? 0) + 1;
  return found;
};

const three = [node('1', 'a', '2'), node('2', 'b', '2'), node('3', 'c', '2')];

test('endpoints that are spread as the processors are keep to their own zones', (t) => {
  const { endpoints: hinted, obstacle } = withZoneHints(endpoints({ a: 2, b: 2, c: 2 }), sharesOf(three));
  t.is(obstacle, undefined);
  t.true(hinted.every(({ zone, hints }) => hints?.forZones?.[0]?.name === zone));
});

test('a zone that has too many gives to those that have too few, and no more than they need', (t) => {
  t.deepEqual(hintsOf(withZoneHints(endpoints({ a: 6 }), sharesOf(three)).endpoints), { a: 2, b: 2, c: 2 });
  t.deepEqual(hintsOf(withZoneHints(endpoints({ a: 5, b: 3, c: 1 }), sharesOf(three)).endpoints), { a: 3, b: 3, c: 3 });
  const uneven = [node('1', 'a', '6'), node('2', 'b', '2')];
  t.deepEqual(hintsOf(withZoneHints(endpoints({ a: 4, b: 4 }), sharesOf(uneven)).endpoints), { a: 6, b: 2 });
});

test('a zone whose share lies little above a whole number gets as many as it needs to be not overloaded', (t) => {
  const nodes = [node('1', 'a', '19'), node('2', 'b', '11')];
  const { endpoints: hinted, obstacle } = withZoneHints(endpoints({ a: 1, b: 4 }), sharesOf(nodes));
  t.is(obstacle, undefined);
  // 3.17 of 5 is its share: less than 2.6 would be too few.
  t.deepEqual(hintsOf(hinted), { a: 3, b: 2 });
});

test('there are no hints where they would overload an endpoint, or nobody knows the zones', (t) => {
  const all = endpoints({ a: 1, b: 1 });
  const obstacleOf = (given: readonly Endpoint[], nodes: readonly Node[]): string | undefined => {
    const { endpoints: hinted, obstacle } = withZoneHints(given, sharesOf(nodes));
    t.true(hinted.every(({ hints }) => hints === undefined));
    return obstacle;
  };
  t.regex(obstacleOf(all, three) ?? '', /Insufficient number of endpoints \(2\)/);
  t.regex(obstacleOf(all, three.slice(0, 1)) ?? '', /at least two/);
  t.regex(obstacleOf(all, [...three, node('4', undefined, '1')]) ?? '', /Node 4 has no label/);
  t.regex(
    obstacleOf([...all, { addresses: ['10.0.0.9'], conditions: { ready: true } }], three) ?? '',
    /do not have a zone/,
  );
  const uneven = [node('1', 'a', '9'), node('2', 'b', '1')];
  t.regex(obstacleOf(endpoints({ a: 2, b: 1 }), uneven) ?? '', /impossible to safely allocate/);
});

test('nodes of the control plane and those that are not ready do not count; neither do endpoints that are not', (t) => {
  const nodes = [...three.slice(0, 2), node('3', 'c', '8', { control: true }), node('4', 'd', '8', { ready: 'False' })];
  const waiting = { addresses: ['10.0.1.1'], conditions: { ready: false }, zone: 'a' };
  const { endpoints: hinted, obstacle } = withZoneHints([...endpoints({ a: 2, b: 1, c: 1 }), waiting], sharesOf(nodes));
  t.is(obstacle, undefined);
  t.deepEqual(hintsOf(hinted), { a: 2, b: 2 });
  t.is(hinted.at(-1)?.hints, undefined);
});
