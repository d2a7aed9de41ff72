/** Subjects of bindings, and the names by which a user is one of them. */
import type { Subject } from '../../../api/index.ts';
import type { Requester } from '../../../resources/index.ts';

const serviceAccountPrefix = 'system:serviceaccount:';

interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

/** Namespace and name of a service account's user name; undefined for other users. */
export function serviceAccountOf(userName: string): ServiceAccountName | undefined {
  if (!userName.startsWith(serviceAccountPrefix)) return undefined;
  const [namespace, name, ...more] = userName.slice(serviceAccountPrefix.length).split(':');
  return namespace === undefined || namespace === '' || name === undefined || name === '' || more.length > 0
    ? undefined
    : { namespace, name };
}

/** The key of a binding's subject; an account without a namespace is one of the binding's own. */
export function subjectKey({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  return kind === 'ServiceAccount' ? `ServiceAccount:${namespace ?? bindingNamespace}/${name}` : `${kind}:${name}`;
}

/** The keys of all subjects that a user is, each with the text that a decision shows. */
export function subjectKeysOf(user: Requester): readonly { readonly key: string; readonly text: string }[] {
  const account = serviceAccountOf(user.name);
  return [
    { key: `User:${user.name}`, text: `User ${JSON.stringify(user.name)}` },
    ...(account === undefined ? [] : [accountKey(account)]),
    ...user.groups.map((group) => ({ key: `Group:${group}`, text: `Group ${JSON.stringify(group)}` })),
  ];
}

function accountKey({ namespace, name }: ServiceAccountName): { readonly key: string; readonly text: string } {
  return {
    key: `ServiceAccount:${namespace}/${name}`,
    text: `ServiceAccount ${JSON.stringify(`${name}/${namespace}`)}`,
  };
}
