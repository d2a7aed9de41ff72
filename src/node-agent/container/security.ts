/** A container's user, privileges and confinement, out of its own settings and the pod's. */
import type { Container, Pod } from '../../api/index.ts';
import type { ContainerSecurity } from '../runtime/index.ts';
import { type ConfinementInput, containerConfinement } from './confinement.ts';
import { ConfigError } from './environment.ts';

/** The container's settings over the pod's. Throws ConfigError for what the node cannot enforce. */
export function containerSecurity(pod: Pod, container: Container, input: ConfinementInput): ContainerSecurity {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  const groups = [...(shared.supplementalGroups ?? []), ...(shared.fsGroup === undefined ? [] : [shared.fsGroup])];
  return {
    privileged: own.privileged ?? false,
    readOnlyRoot: own.readOnlyRootFilesystem ?? false,
    addCapabilities: own.capabilities?.add ?? [],
    dropCapabilities: own.capabilities?.drop ?? [],
    supplementalGroups: groups.map(String),
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    ...containerConfinement(pod, container, input),
  };
}

/** The user to run as; undefined: the image's. Throws ConfigError when runAsNonRoot would be broken. */
export function containerUser(pod: Pod, container: Container, imageUser: string): string | undefined {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  const user = own.runAsUser ?? shared.runAsUser;
  const group = own.runAsGroup ?? shared.runAsGroup;
  if ((own.runAsNonRoot ?? shared.runAsNonRoot) === true) assertNotRoot(pod, container, { user, imageUser });
  if (user === undefined && group === undefined) return undefined;
  const name = user === undefined ? (imageUser.split(':')[0] ?? '') : String(user);
  return group === undefined ? name : `${name === '' ? '0' : name}:${group}`;
}

function assertNotRoot(
  pod: Pod,
  container: Container,
  who: { readonly user: number | undefined; readonly imageUser: string },
): void {
  const { name, namespace, uid } = pod.metadata;
  const place = `(pod: "${name}_${namespace}(${uid})", container: ${container.name})`;
  if (who.user === 0) throw new ConfigError(`container's runAsUser breaks non-root policy ${place}`);
  if (who.user !== undefined) return;
  const [imageUser = ''] = who.imageUser.split(':');
  if (imageUser === '' || imageUser === '0' || imageUser === 'root')
    throw new ConfigError(`container has runAsNonRoot and image will run as root ${place}`);
  if (!/^\d+$/.test(imageUser))
    throw new ConfigError(
      `container has runAsNonRoot and image has non-numeric user (${imageUser}), ` +
        `cannot verify user is non-root ${place}`,
    );
}
