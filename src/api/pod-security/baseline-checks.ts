/** The checks of the Pod Security Standard Baseline. */

import { goQuote } from '../machinery/index.ts';
import {
  type Check,
  containersOf,
  containersText,
  containersWhere,
  nameOf,
  plural,
  quoted,
  settersText,
  sortedSet,
} from './violation.ts';

const defaultCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

export const capabilities: Check = (pod) => {
  const forbidden: string[] = [];
  const bad = containersWhere(pod, (context) => {
    const added = (context.capabilities?.add ?? []).filter((capability) => !defaultCapabilities.has(capability));
    forbidden.push(...added);
    return added.length > 0;
  });
  if (bad.length === 0) return undefined;
  return {
    reason: 'non-default capabilities',
    detail:
      `${containersText(bad)} must not include ${quoted(sortedSet(forbidden))} in ` +
      'securityContext.capabilities.add',
  };
};

export const hostNamespaces: Check = ({ spec = {} }) => {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true);
  return shared.length === 0
    ? undefined
    : { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
};

export const hostPathVolumes: Check = ({ spec = {} }) => {
  const bad = (spec.volumes ?? []).filter((volume) => volume.hostPath !== undefined).map((volume) => volume.name ?? '');
  return bad.length === 0
    ? undefined
    : { reason: 'hostPath volumes', detail: `${plural('volume', 'volumes', bad.length)} ${quoted(bad)}` };
};

export const hostPorts: Check = (pod) => {
  const portsOf = (container: ReturnType<typeof containersOf>[number]): number[] =>
    (container.ports ?? []).map((port) => port.hostPort ?? 0).filter((port) => port !== 0);
  const bad = containersOf(pod).filter((container) => portsOf(container).length > 0);
  if (bad.length === 0) return undefined;
  const ports = sortedSet(bad.flatMap(portsOf).map(String));
  const use = plural('uses', 'use', bad.length);
  return {
    reason: 'hostPort',
    detail:
      `${containersText(bad.map(nameOf))} ${use} ${plural('hostPort', 'hostPorts', ports.length)} ` +
      `${ports.join(', ')}`,
  };
};

export const privileged: Check = (pod) => {
  const bad = containersWhere(pod, (context) => context.privileged === true);
  return bad.length === 0
    ? undefined
    : { reason: 'privileged', detail: `${containersText(bad)} must not set securityContext.privileged=true` };
};

export const procMount: Check = (pod) => {
  const values: string[] = [];
  const bad = containersWhere(pod, ({ procMount: value = 'Default' }) => {
    if (value === 'Default') return false;
    values.push(value);
    return true;
  });
  return bad.length === 0
    ? undefined
    : {
        reason: 'procMount',
        detail: `${containersText(bad)} must not set securityContext.procMount to ${quoted(sortedSet(values))}`,
      };
};

export const windowsHostProcess: Check = (pod) => {
  const setters = settersText(
    pod.spec?.securityContext?.windowsOptions?.hostProcess === true,
    containersWhere(pod, (context) => context.windowsOptions?.hostProcess === true),
  );
  return setters === ''
    ? undefined
    : { reason: 'hostProcess', detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true` };
};

/** The sysctls that a pod may set: those of its own namespaces, more of them in later versions. */
export function sysctls(allowed: readonly string[]): Check {
  return ({ spec = {} }) => {
    const bad = (spec.securityContext?.sysctls ?? [])
      .map((sysctl) => sysctl.name ?? '')
      .filter((name) => !allowed.includes(name));
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  };
}

/** SELinux types that may be chosen; user and role may not be. */
export function seLinuxOptions(allowedTypes: readonly string[]): Check {
  return (pod) => {
    const types: string[] = [];
    const others = new Set<string>();
    const isBad = (
      options: { readonly type?: string; readonly user?: string; readonly role?: string } | undefined,
    ): boolean => {
      const { type = '', user = '', role = '' } = options ?? {};
      const badType = type !== '' && !allowedTypes.includes(type);
      if (badType) types.push(type);
      if (user !== '') others.add('user may not be set');
      if (role !== '') others.add('role may not be set');
      return badType || user !== '' || role !== '';
    };
    const setters = settersText(
      isBad(pod.spec?.securityContext?.seLinuxOptions),
      containersWhere(pod, (context) => isBad(context.seLinuxOptions)),
    );
    if (setters === '') return undefined;
    const names = sortedSet(types);
    const data = [
      ...(names.length > 0 ? [`${plural('type', 'types', names.length)} ${quoted(names)}`] : []),
      ...['user may not be set', 'role may not be set'].filter((text) => others.has(text)),
    ];
    return {
      reason: 'seLinuxOptions',
      detail: `${setters} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}`,
    };
  };
}

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';

export const appArmorProfile: Check = (pod) => {
  const types: string[] = [];
  const isBad = (profile: { readonly type?: string } | undefined): boolean => {
    if (profile === undefined || profile.type === 'RuntimeDefault' || profile.type === 'Localhost') return false;
    types.push(profile.type ?? '');
    return true;
  };
  const setters = settersText(
    isBad(pod.spec?.securityContext?.appArmorProfile),
    containersWhere(pod, (context) => isBad(context.appArmorProfile)),
  );
  const allowed = (value: string): boolean =>
    value === '' || value === 'runtime/default' || value.startsWith('localhost/');
  const annotations = Object.entries(pod.metadata?.annotations ?? {}).filter(
    ([key, value]) => key.startsWith(appArmorPrefix) && !allowed(value),
  );
  const all = [
    ...(setters === '' ? [] : [setters]),
    ...(annotations.length > 0 ? [plural('annotation', 'annotations', annotations.length)] : []),
  ];
  if (all.length === 0) return undefined;
  const values = [...sortedSet(types), ...annotations.map(([key, value]) => `${key}=${goQuote(value)}`).sort()];
  const reason = plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', values.length);
  return { reason, detail: `${all.join(' and ')} must not set AppArmor profile type to ${quoted(values)}` };
};
