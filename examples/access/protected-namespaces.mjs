/**
 * Denies the deletion of namespaces whose name begins with `prod-`, whatever RBAC allows. It must be asked before RBAC:
 *
 *   authorization: { order: [Node, Modules, RBAC], modules: [/path/to/protected-namespaces.mjs] }
 */
export default function protectedNamespaces() {
  return {
    name: 'protected-namespaces',
    authorize: ({ isResource, verb, group, resource, name }) => {
      const concerns = isResource && group === '' && resource === 'namespaces' && (verb === 'deletecollection' || (verb === 'delete' && name.startsWith('prod-')));
      return concerns ? { allowed: false, denied: true, reason: 'namespaces of production are deleted by nobody' } : { allowed: false, reason: '' };
    },
  };
}
