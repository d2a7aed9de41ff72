import test from 'ava';
import type { JsonObject } from '../../object.ts';
import { created, updated } from '../testing/checked.ts';
import { fixedFlowSchemas, fixedPriorityLevels } from './fixed.ts';

const object = (kind: string, name: string, spec: JsonObject | undefined): JsonObject => ({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind,
  metadata: { name },
  spec: structuredClone(spec) ?? {},
});

for (const [name, spec] of Object.entries(fixedFlowSchemas)) {
  test(`the schema ${name} is as it is`, (t) => {
    const made = created(object('FlowSchema', name, spec));
    t.deepEqual(made.errors, []);
    const { errors } = updated(made.object, (changed) => {
      (changed['spec'] as JsonObject)['matchingPrecedence'] = 5;
    });
    t.is(errors.length, 1);
    t.regex(errors[0] ?? '', new RegExp(`^spec: Invalid value: .*: spec of '${name}' must equal the fixed value$`));
  });
}

test('of the exempt level only what it lends can be changed, of the last level nothing', (t) => {
  const change = (name: string, field: string, value: JsonObject): readonly string[] => {
    const made = created(object('PriorityLevelConfiguration', name, fixedPriorityLevels[name]));
    t.deepEqual(made.errors, []);
    return updated(made.object, (changed) => {
      (changed['spec'] as JsonObject)[field] = value;
    }).errors;
  };
  t.deepEqual(change('exempt', 'exempt', { nominalConcurrencyShares: 1, lendablePercent: 50 }), []);
  t.regex(
    change('exempt', 'limited', { limitResponse: { type: 'Reject' } }).join(),
    /^spec\.limited: Forbidden.*: spec of 'exempt' except the 'spec\.exempt' field must equal the fixed value$/,
  );
  t.regex(
    change('catch-all', 'limited', { nominalConcurrencyShares: 6, limitResponse: { type: 'Reject' } }).join(),
    /: spec of 'catch-all' must equal the fixed value$/,
  );
});
