/** A write path with one policy and its binding, for the tests of validating policies. */
import type { ServiceDependencies } from '../../ports.ts';
import { type Harness, startHarness } from '../../testing/harness.ts';

export const api = '/apis/admissionregistration.k8s.io/v1';
export const configMaps = '/api/v1/namespaces/default/configmaps';

export const match = {
  resourceRules: [
    { operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
  ],
};

export async function withPolicy(
  spec: object,
  binding: object = { validationActions: ['Deny'] },
  more: Partial<ServiceDependencies> = {},
): Promise<Harness> {
  const h = await startHarness(more);
  await h.post(`${api}/validatingadmissionpolicies`, {
    metadata: { name: 'p' },
    spec: { matchConstraints: match, ...spec },
  });
  await h.post(`${api}/validatingadmissionpolicybindings`, {
    metadata: { name: 'b' },
    spec: { policyName: 'p', ...binding },
  });
  return h;
}

export const denied = (message: string, code = '422 Invalid'): string =>
  `${code}: configmaps "x" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ${message}`;
export const failing = "object.metadata.labels.a == 'b'";
export const param = { paramKind: { apiVersion: 'v1', kind: 'Secret' }, validations: [{ expression: 'false' }] };
