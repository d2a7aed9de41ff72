import test from 'ava';
import { conformCustom } from './decoding.ts';
import { specOf } from '../custom-schema/schemas.fixture.ts';

test('objects inside an object have metadata of the common shape; what it does not know goes', (t) => {
  const schema = specOf({
    inner: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
  });
  const value = {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', odd: 1 },
    spec: { inner: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', odd: 1 }, spec: { kept: 1 } } },
  };
  const { object, strictErrors } = conformCustom(
    { group: 'example.com', version: 'v1', kind: 'Widget', schema },
    value,
    (problem) => new Error(problem),
  );
  t.deepEqual(object['spec'], { inner: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { kept: 1 } } });
  t.deepEqual(strictErrors, ['unknown field "metadata.odd"', 'unknown field "spec.inner.metadata.odd"']);
});
