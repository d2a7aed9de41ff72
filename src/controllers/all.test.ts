import test from 'ava';
import type { ObjectChange } from '../resources/index.ts';
import { allControllers } from './all.ts';
import { MemoryCluster } from './memory-cluster.fixture.ts';

const fields = { 'metadata.name': 'c', 'metadata.namespace': 'ns' };
const parsed = (): never => { throw new Error('parsed'); };
const facts = { index: { uid: 'u', labels: {}, fields, owners: [] }, mentions: () => false, object: parsed, read: parsed };

/** A change of a ConfigMap that nobody works on; whoever looks at its object fails. */
function unread(previous: boolean): ObjectChange {
  return {
    type: 'put',
    resource: { group: '', resource: 'configmaps' },
    get object(): never { throw new Error('parsed'); },
    get previous(): never { throw new Error('parsed'); },
    facts: previous ? { object: facts, previous: facts } : { object: facts },
  };
}

test('a ConfigMap that nobody works on is parsed by no controller, neither when it is made nor when it changes', (t) => {
  const never = (): never => { throw new Error('not asked for'); };
  const controllers = allControllers({
    rootCertificates: '', podAddresses: { cidr: '10.0.0.0/16' }, quotaUsage: never, issueToken: never, signCertificate: never, mayHaveCertificate: never, probeApi: never,
  });
  const { ports } = new MemoryCluster();
  for (const controller of controllers) for (const previous of [false, true]) t.deepEqual(controller.wakes(unread(previous), ports), [], controller.name);
});
