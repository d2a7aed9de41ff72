/**
 * Denies the deletion of namespaces whose name begins with `prod-`, whatever RBAC allows. It must be asked before RBAC:
 *
 *   authorization: { order: [Node, Modules, RBAC], modules: [/path/to/protected-namespaces.mjs] }
 */
export default function protectedNamespaces() {
  return {
    name: 'protected-namespaces',
    authorize: ({ isResource, verb, group, resource, name }) => {
      const deletes = verb === 'deletecollection' || (verb === 'delete' && name.startsWith('prod-'));
      if (!isResource || group !== '' || resource !== 'namespaces' || !deletes) return { allowed: false, reason: '' };
      return { allowed: false, denied: true, reason: 'namespaces of production are deleted by nobody' };
    },
  };
}
