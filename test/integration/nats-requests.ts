/** Requests that the HTTP door and the NATS door must answer alike. */

/** One request in the form of each door. */
interface RequestOfBothDoors {
  readonly http: readonly [method: string, path: string];
  readonly nats: object;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export const core = { group: '', version: 'v1' };
export const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'made' } };
export const requestsOfBothDoors: readonly RequestOfBothDoors[] = [
  {
    http: ['GET', '/api/v1/namespaces/default/configmaps/canary'],
    nats: { verb: 'get', ...core, resource: 'configmaps', namespace: 'default', name: 'canary' },
  },
  {
    http: ['GET', '/api/v1/namespaces/default/configmaps/none'],
    nats: { verb: 'get', ...core, resource: 'configmaps', namespace: 'default', name: 'none' },
  },
  {
    http: ['GET', '/api/v1/namespaces/kube-system/configmaps?limit=1'],
    nats: { verb: 'list', ...core, resource: 'configmaps', namespace: 'kube-system', query: { limit: '1' } },
  },
  {
    http: ['GET', '/api/v1/configmaps?limit=1'],
    nats: { verb: 'list', ...core, resource: 'configmaps', query: { limit: '1' } },
  },
  { http: ['GET', '/api/v1/secrets'], nats: { verb: 'list', ...core, resource: 'secrets' } },
  {
    http: ['GET', '/api/v1/secrets?watch=true&timeoutSeconds=1'],
    nats: { verb: 'watch', ...core, resource: 'secrets', query: { timeoutSeconds: '1' } },
  },
  { http: ['GET', '/api/v1/nodes'], nats: { verb: 'list', ...core, resource: 'nodes' } },
  {
    http: ['POST', '/api/v1/namespaces/default/configmaps'],
    nats: { verb: 'create', ...core, resource: 'configmaps', namespace: 'default' },
    body: configMap,
  },
  {
    http: ['PUT', '/api/v1/namespaces/default/configmaps/canary'],
    nats: { verb: 'update', ...core, resource: 'configmaps', namespace: 'default', name: 'canary' },
    body: { ...configMap, metadata: { name: 'canary' } },
  },
  {
    http: ['DELETE', '/api/v1/namespaces/default/configmaps/canary'],
    nats: { verb: 'delete', ...core, resource: 'configmaps', namespace: 'default', name: 'canary' },
  },
  {
    http: ['DELETE', '/api/v1/namespaces/default/configmaps'],
    nats: { verb: 'deletecollection', ...core, resource: 'configmaps', namespace: 'default' },
  },
  {
    http: ['POST', '/api/v1/namespaces/default/serviceaccounts/default/token'],
    nats: {
      verb: 'create',
      ...core,
      resource: 'serviceaccounts',
      namespace: 'default',
      name: 'default',
      subresource: 'token',
    },
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  },
  {
    http: ['GET', '/api/v1/namespaces/default/pods/p/log'],
    nats: { verb: 'get', ...core, resource: 'pods', namespace: 'default', name: 'p', subresource: 'log' },
  },
  {
    http: ['PUT', '/apis/apps/v1/namespaces/default/deployments/d/scale'],
    nats: {
      verb: 'update',
      group: 'apps',
      version: 'v1',
      resource: 'deployments',
      namespace: 'default',
      name: 'd',
      subresource: 'scale',
    },
    body: { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 1 } },
  },
  {
    http: ['POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles'],
    nats: { verb: 'create', group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' },
    body: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'all' }, rules: [] },
  },
  {
    http: ['GET', '/apis/nothing.example.org/v1/things'],
    nats: { verb: 'list', group: 'nothing.example.org', version: 'v1', resource: 'things' },
  },
  { http: ['GET', '/version'], nats: { verb: 'get', path: '/version' } },
  { http: ['GET', '/metrics'], nats: { verb: 'get', path: '/metrics' } },
  { http: ['GET', '/apis'], nats: { verb: 'get', path: '/apis' } },
  { http: ['GET', '/troupe/api/tree'], nats: { verb: 'get', path: '/troupe/api/tree' } },
  {
    http: ['POST', '/troupe/api/log-levels'],
    nats: { verb: 'create', path: '/troupe/api/log-levels' },
    body: { level: 'debug' },
  },
  { http: ['GET', '/troupe/api/store/backup'], nats: { verb: 'get', path: '/troupe/api/store/backup' } },
  {
    http: ['GET', '/api/v1/secrets'],
    nats: { verb: 'list', ...core, resource: 'secrets' },
    headers: { 'Impersonate-User': 'admin', 'Impersonate-Group': 'system:masters' },
  },
];

/** What a client learns of an answer; times and versions, which differ by nature, are left out. */
export const learned = (status: number, body: unknown): object => {
  const { kind, reason, message, code, details, items } = (
    typeof body === 'object' && body !== null ? body : {}
  ) as Readonly<Record<string, unknown>>;
  return { status, kind, reason, message, code, details, ...(Array.isArray(items) ? { items: items.length } : {}) };
};
/** JSON, or the text as it is. */
export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};
