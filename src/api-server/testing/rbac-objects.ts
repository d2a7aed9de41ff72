/** Roles and bindings in a fake view. */
import type { FakeView } from './fake-view.ts';

const group = 'rbac.authorization.k8s.io';

export function bind(
  view: FakeView,
  name: string,
  more: {
    readonly namespace?: string;
    readonly role: string;
    readonly subjects: readonly object[];
    readonly kind?: string;
  },
): void {
  const resource = more.namespace === undefined ? 'clusterrolebindings' : 'rolebindings';
  const object = {
    kind: 'Binding',
    apiVersion: `${group}/v1`,
    metadata: { name, ...(more.namespace === undefined ? {} : { namespace: more.namespace }) },
    roleRef: { kind: more.kind ?? (more.namespace === undefined ? 'ClusterRole' : 'Role'), name: more.role },
    subjects: more.subjects,
  };
  view.put(group, resource, object);
}

export function role(view: FakeView, name: string, rules: readonly object[], namespace?: string): void {
  view.put(group, namespace === undefined ? 'clusterroles' : 'roles', {
    kind: 'Role',
    apiVersion: `${group}/v1`,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    rules,
  });
}
