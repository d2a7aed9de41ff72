/** The checks that the Pod Security Standard Restricted adds. */

import { type Check, containersText, containersWhere, plural, quoted, settersText, sortedSet } from './violation.ts';

export const allowPrivilegeEscalation: Check = (pod) => {
  const bad = containersWhere(pod, (context) => context.allowPrivilegeEscalation !== false);
  return bad.length === 0
    ? undefined
    : {
        reason: 'allowPrivilegeEscalation != false',
        detail: `${containersText(bad)} must set securityContext.allowPrivilegeEscalation=false`,
      };
};

export const capabilities: Check = (pod) => {
  const forbidden: string[] = [];
  const missing = containersWhere(pod, (context) => !(context.capabilities?.drop ?? []).includes('ALL'));
  const adding = containersWhere(pod, (context) => {
    const added = (context.capabilities?.add ?? []).filter((capability) => capability !== 'NET_BIND_SERVICE');
    forbidden.push(...added);
    return added.length > 0;
  });
  const details = [
    ...(missing.length > 0 ? [`${containersText(missing)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adding.length > 0
      ? [
          `${containersText(adding)} must not include ${quoted(sortedSet(forbidden))} in ` +
            'securityContext.capabilities.add',
        ]
      : []),
  ];
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

const allowedVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
const forbiddenVolumes = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
];

export const restrictedVolumes: Check = ({ spec = {} }) => {
  const bad = (spec.volumes ?? []).filter((volume) => !allowedVolumes.some((type) => Object.hasOwn(volume, type)));
  if (bad.length === 0) return undefined;
  const types = sortedSet(
    bad.map((volume) => forbiddenVolumes.find((type) => Object.hasOwn(volume, type)) ?? 'unknown'),
  );
  const volumes = `${plural('volume', 'volumes', bad.length)} ${quoted(bad.map((volume) => volume.name ?? ''))}`;
  const named = `${plural('restricted volume type', 'restricted volume types', types.length)} ${quoted(types)}`;
  return { reason: 'restricted volume types', detail: `${volumes} ${plural('uses', 'use', bad.length)} ${named}` };
};

export const runAsNonRoot: Check = (pod) => {
  const own = pod.spec?.securityContext?.runAsNonRoot;
  const reason = 'runAsNonRoot != true';
  const setters = settersText(
    own === false,
    containersWhere(pod, (context) => context.runAsNonRoot === false),
  );
  if (setters !== '') return { reason, detail: `${setters} must not set securityContext.runAsNonRoot=false` };
  const without = own === true ? [] : containersWhere(pod, (context) => context.runAsNonRoot === undefined);
  return without.length === 0
    ? undefined
    : { reason, detail: `pod or ${containersText(without)} must set securityContext.runAsNonRoot=true` };
};

export const runAsUser: Check = (pod) => {
  const setters = settersText(
    pod.spec?.securityContext?.runAsUser === 0,
    containersWhere(pod, (context) => context.runAsUser === 0),
  );
  return setters === '' ? undefined : { reason: 'runAsUser=0', detail: `${setters} must not set runAsUser=0` };
};
