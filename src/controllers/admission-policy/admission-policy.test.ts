import test from 'ava';
import { allResources, resources, type ValidatingAdmissionPolicy } from '../../api/index.ts';
import { MemoryCluster } from '../runtime/memory-cluster.fixture.ts';
import { admissionPolicyController } from './controller.ts';
import { planStatus } from './reconcile.ts';
import { stored } from '../runtime/stored.fixture.ts';

test('a policy says which of its expressions do not fit the kinds that it names, once a generation', async (t) => {
  const cluster = new MemoryCluster();
  const spec = {
    matchConstraints: {
      resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources: ['deployments'] }],
    },
    validations: [{ expression: 'object.replicas > 1' }],
  };
  const policy = await cluster.client.create<ValidatingAdmissionPolicy>(resources.validatingAdmissionPolicies, {
    metadata: { name: 'p', generation: 1 },
    spec,
  });
  const controller = admissionPolicyController(allResources);
  await controller.reconcile(policy.name, cluster.ports);
  const found = cluster.view.get<ValidatingAdmissionPolicy>(resources.validatingAdmissionPolicies, undefined, 'p');
  const warning =
    "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n";
  t.deepEqual(found?.status, {
    observedGeneration: 1,
    typeChecking: { expressionWarnings: [{ fieldRef: 'spec.validations[0].expression', warning }] },
  });
  cluster.onWrite = () => {
    t.fail('nothing changed');
  };
  await controller.reconcile(policy.name, cluster.ports);
});

test('a status is written once a generation, and none for a policy that goes', (t) => {
  const policy = (metadata: object, status?: ValidatingAdmissionPolicy['status']): ValidatingAdmissionPolicy =>
    stored<ValidatingAdmissionPolicy>({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'p', uid: 'p', ...metadata },
      spec: {},
      ...(status === undefined ? {} : { status }),
    });
  t.deepEqual(planStatus(policy({ generation: 2 }, { observedGeneration: 1, conditions: [] }), allResources), {
    observedGeneration: 2,
    conditions: [],
    typeChecking: {},
  });
  t.is(planStatus(policy({ generation: 2 }, { observedGeneration: 2 }), allResources), undefined);
  t.is(planStatus(policy({ generation: 2, deletionTimestamp: 'now' }), allResources), undefined);
});
