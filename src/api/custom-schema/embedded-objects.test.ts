import test from 'ava';
import { embeddedErrors } from './index.ts';
import { texts, specOf, untyped } from './schemas.fixture.ts';

test('embedded objects say what they are', (t) => {
  const schema = specOf({
    one: { type: 'object', 'x-kubernetes-embedded-resource': true, ...untyped },
    more: {
      type: 'object',
      additionalProperties: { type: 'object', 'x-kubernetes-embedded-resource': true, ...untyped },
    },
  });
  t.deepEqual(
    texts(
      embeddedErrors(
        {
          spec: {
            one: { apiVersion: 'v1', kind: 'Pod' },
            more: { a: { apiVersion: 'a/b/c', kind: '', metadata: { name: 'x/y' } } },
          },
        },
        schema,
      ),
    ),
    [
      'spec.more[a].apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      'spec.more[a].kind: Invalid value: "": must not be empty',
      'spec.more[a].metadata.name: Invalid value: "x/y": may not contain \'/\'',
    ],
  );
});
