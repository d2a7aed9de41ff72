/** The audit policy of a cluster whose operator set none. */
import type { AuditPolicy } from './policy.ts';
import type { AuditRule } from './rule.ts';

const writes = ['create', 'update', 'patch', 'delete', 'deletecollection'];
const heartbeats: readonly AuditRule[] = [
  {
    level: 'None',
    resources: [
      { group: 'coordination.k8s.io', resources: ['leases'] },
      { group: '', resources: ['events'] },
      { group: 'events.k8s.io', resources: ['events'] },
    ],
  },
  {
    level: 'None',
    userGroups: ['system:nodes'],
    verbs: ['update', 'patch'],
    resources: [{ group: '', resources: ['nodes/status', 'pods/status'] }],
  },
  { level: 'None', resources: [{ group: 'authentication.k8s.io' }, { group: 'authorization.k8s.io' }] },
];

/**
 * What is recorded unless the operator says otherwise: every write, every read of a Secret, and every way into a
 * container, with who and what but never with a body, so that no secret comes into the trail. What machines say by
 * themselves all the time is left out.
 */
export const defaultAuditPolicy: AuditPolicy = {
  omitStages: ['RequestReceived'],
  rules: [
    ...heartbeats,
    { level: 'Metadata', verbs: writes },
    { level: 'Metadata', verbs: ['post', 'put', 'patch', 'delete'] },
    { level: 'Metadata', verbs: ['get', 'list', 'watch'], resources: [{ group: '', resources: ['secrets'] }] },
    {
      level: 'Metadata',
      resources: [
        {
          group: '',
          resources: ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy', 'services/proxy', 'nodes/proxy'],
        },
      ],
    },
  ],
};
