import test from 'ava';
import { isTolerated, nodeSelectorAllows, nodeTermMatches } from './node-placement.ts';

const node = { name: 'n1', labels: { disk: 'ssd', cores: '8' } };
const key = (name: string, operator: string, ...values: string[]) => ({ key: name, operator, values });

for (const [title, expressions, expected] of [
  ['In names the value', [key('disk', 'In', 'hdd', 'ssd')], true],
  ['In does not name the value', [key('disk', 'In', 'hdd')], false],
  ['NotIn holds without the label', [key('zone', 'NotIn', 'a')], true],
  ['Exists needs the label', [key('zone', 'Exists')], false],
  ['DoesNotExist needs it gone', [key('disk', 'DoesNotExist')], false],
  ['Gt compares numbers', [key('cores', 'Gt', '4')], true],
  ['Lt compares numbers', [key('cores', 'Lt', '8')], false],
  ['all expressions must hold', [key('disk', 'Exists'), key('zone', 'Exists')], false],
  ['an empty term fits no node', [], false],
] as const)
  test(`a node term: ${title}`, (t) => {
    t.is(nodeTermMatches({ matchExpressions: expressions }, node), expected);
  });

test('a term may name the node', (t) => {
  t.true(nodeTermMatches({ matchFields: [key('metadata.name', 'In', 'n1')] }, node));
  t.false(nodeTermMatches({ matchFields: [key('metadata.name', 'In', 'n2')] }, node));
});

test('node selector and required affinity must both allow the node', (t) => {
  const affinity = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [key('cores', 'Gt', '4')] }],
      },
    },
  };
  t.true(nodeSelectorAllows({}, node));
  t.true(nodeSelectorAllows({ nodeSelector: { disk: 'ssd' }, affinity }, node));
  t.false(nodeSelectorAllows({ nodeSelector: { disk: 'hdd' }, affinity }, node));
  t.false(nodeSelectorAllows({ affinity }, { ...node, labels: {} }));
});

for (const [title, toleration, expected] of [
  ['its key, value and effect', { key: 'k', value: 'v', effect: 'NoSchedule' }, true],
  ['its key by Exists', { key: 'k', operator: 'Exists' }, true],
  ['everything by Exists without a key', { operator: 'Exists' }, true],
  ['another value', { key: 'k', value: 'w' }, false],
  ['another effect', { key: 'k', value: 'v', effect: 'NoExecute' }, false],
  ['nothing without key and operator', {}, false],
] as const)
  test(`a taint is tolerated by ${title}: ${String(expected)}`, (t) => {
    t.is(isTolerated({ key: 'k', value: 'v', effect: 'NoSchedule' }, [toleration]), expected);
    t.false(isTolerated({ key: 'k', value: 'v', effect: 'NoSchedule' }, undefined));
  });
