import test from 'ava';
import fc from 'fast-check';
import { noQueryFacts, requestInfo, targetInfo } from './request-info.ts';
import { type RequestTarget, targetPath } from './request-target.ts';

const part = fc.oneof(
  fc.constantFrom('', 'namespaces', 'watch', 'status', 'finalize', 'a/b', '%2f', '..', '\ud800', 'ü'),
  fc.string({ maxLength: 12, unit: 'binary' }),
);
const filled = part.filter((text) => text !== '');
const targets: fc.Arbitrary<RequestTarget> = fc.record(
  { group: part, version: filled, resource: filled, namespace: part, name: part, subresource: part },
  { requiredKeys: ['group', 'version', 'resource'] },
);

test('what is asked of a target is what its path says', (t) => {
  fc.assert(
    fc.property(targets, fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'), (target, method) => {
      t.deepEqual(targetInfo(method, target), requestInfo(method, targetPath(target), noQueryFacts));
    }),
  );
});

test('a target has the path of its parts', (t) => {
  const web = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'default', name: 'web' };
  t.is(targetPath(web), '/apis/apps/v1/namespaces/default/deployments/web');
  t.is(targetPath({ group: '', version: 'v1', resource: 'nodes' }), '/api/v1/nodes');
  t.is(
    targetPath({ ...web, name: 'a/b', subresource: 'scale' }),
    '/apis/apps/v1/namespaces/default/deployments/a%2Fb/scale',
  );
});
