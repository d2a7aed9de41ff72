/** What the kernel confines a container to: seccomp, AppArmor, SELinux and user namespaces. */
import type { Container, Pod } from '../../api/index.ts';
import type { ContainerSecurity, RuntimeHandler, UserRange } from '../runtime/index.ts';
import { ConfigError } from './environment.ts';

type SecurityModule = 'seccomp' | 'appArmor' | 'seLinux' | 'userNamespaces';

/** The node cannot confine a container as it asks; it must not run without. */
export class ConfinementError extends ConfigError {
  readonly module: SecurityModule;
  constructor(module: SecurityModule, message: string) {
    super(message);
    this.module = module;
  }
}

/** What the node decides, and what its container engine enforces. */
export interface NodeConfinement {
  /** Containers that name no seccomp profile get the engine's own (the kubelet's seccompDefault). */
  readonly seccompDefault: boolean;
  readonly appArmor: boolean;
  readonly seLinux: boolean;
  /** Root in any container is nobody on the machine (the engine's userns-remap). */
  readonly userNamespaces: boolean;
  /** Of a CRI runtime: which of them give each pod users of its own. */
  readonly handlers?: readonly RuntimeHandler[] | undefined;
}

export interface ConfinementInput {
  readonly confinement: NodeConfinement;
  /** The users that the pod's sandbox was given; absent: it has the engine's. */
  readonly userRange?: UserRange | undefined;
  /** The handler that runs the pod; absent: the default one. */
  readonly engineRuntime?: string | undefined;
  /** The JSON text of the profile that `localhostSeccompProfile` names. */
  readonly seccompProfile?: string | undefined;
}

const seccompOf = (pod: Pod, container: Container): SeccompWish =>
  container.securityContext?.seccompProfile ?? pod.spec.securityContext?.seccompProfile;
type SeccompWish = NonNullable<Pod['spec']['securityContext']>['seccompProfile'];

/** The name of the node's profile that the container asks for, if it asks for one and can have one. */
export function localhostSeccompProfile(pod: Pod, container: Container): string | undefined {
  const wish = seccompOf(pod, container);
  if (wish?.type !== 'Localhost' || container.securityContext?.privileged === true) return undefined;
  return wish.localhostProfile ?? '';
}

/** The container's settings over the pod's. Throws ConfinementError for what the node cannot enforce. */
export function containerConfinement(
  pod: Pod,
  container: Container,
  input: ConfinementInput,
): Pick<ContainerSecurity, 'seccomp' | 'appArmor' | 'seLinux' | 'unmaskedProc'> {
  assertUserNamespace(pod, input);
  return {
    unmaskedProc: container.securityContext?.procMount === 'Unmasked' ? true : undefined,
    seccomp: seccomp(pod, container, input),
    appArmor: appArmor(pod, container, input.confinement),
    seLinux: seLinux(pod, container, input.confinement),
  };
}

function seccomp(pod: Pod, container: Container, { confinement, seccompProfile }: ConfinementInput): string {
  // Kubernetes: no profile applies to a privileged container.
  if (container.securityContext?.privileged === true) return 'unconfined';
  const wish = seccompOf(pod, container);
  if (wish === undefined) return confinement.seccompDefault ? 'default' : 'unconfined';
  if (wish.type === 'Unconfined') return 'unconfined';
  if (wish.type === 'RuntimeDefault') return 'default';
  if (seccompProfile === undefined)
    throw new ConfinementError(
      'seccomp',
      `seccomp profile "${wish.localhostProfile ?? ''}" was not read from the node`,
    );
  return seccompProfile;
}

/** Undefined: what the engine gives by itself. */
function appArmor(pod: Pod, container: Container, node: NodeConfinement): string | undefined {
  const wish = container.securityContext?.appArmorProfile ?? pod.spec.securityContext?.appArmorProfile;
  if (wish === undefined || wish.type === 'RuntimeDefault') return undefined;
  if (wish.type === 'Unconfined') return node.appArmor ? 'unconfined' : undefined;
  const name = wish.localhostProfile ?? '';
  if (node.appArmor) return name;
  throw new ConfinementError(
    'appArmor',
    `cannot enforce AppArmor profile "${name}": the container engine of this node has no AppArmor`,
  );
}

function seLinux(pod: Pod, container: Container, node: NodeConfinement): ContainerSecurity['seLinux'] {
  const wish = container.securityContext?.seLinuxOptions ?? pod.spec.securityContext?.seLinuxOptions;
  const parts = Object.entries(wish ?? {}).filter(([, value]) => value !== undefined && value !== '');
  if (parts.length === 0) return undefined;
  if (node.seLinux) return wish;
  const names = parts.map(([name]) => name).join(', ');
  throw new ConfinementError(
    'seLinux',
    `cannot enforce seLinuxOptions (${names}): the container engine of this node has no SELinux`,
  );
}

const givesUsers = ({ handlers = [] }: NodeConfinement, handler = ''): boolean =>
  handlers.some(({ name, userNamespaces }) => name === handler && userNamespaces);

/** Whether the pod's sandbox is to have a range of users; `handler`: what its RuntimeClass names. */
export const takesUserRange = (pod: Pod, node: NodeConfinement, handler: string | undefined): boolean =>
  pod.spec.hostUsers === false && givesUsers(node, handler);

function assertUserNamespace(pod: Pod, { confinement, userRange, engineRuntime }: ConfinementInput): void {
  if (pod.spec.hostUsers !== false || confinement.userNamespaces || userRange !== undefined) return;
  const why = givesUsers(confinement, engineRuntime)
    ? 'its sandbox was made without one; delete the pod, so that another one is made'
    : givesUsers(confinement) && engineRuntime !== undefined
      ? `the handler "${engineRuntime}" of its RuntimeClass has none; choose another class, or leave hostUsers out`
      : 'the container runtime of this node has none; start Docker with userns-remap, have a CRI runtime whose ' +
        'handlers list them (containerd from 2.0 on, CRI-O), or leave hostUsers out';
  throw new ConfinementError('userNamespaces', `cannot give the pod a user namespace (hostUsers: false): ${why}`);
}
