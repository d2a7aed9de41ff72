import test from 'ava';
import type { Container, New, Pod, PodSpec } from '../../api/index.ts';
import { stored } from '../objects.fixture.ts';
import type { ContainerSpec } from '../runtime/index.ts';
import {
  ConfinementError,
  containerPlan,
  localhostSeccompProfile,
  type NodeConfinement,
  sandboxPlan,
  takesUserRange,
} from './index.ts';

type SecurityContext = NonNullable<Container['securityContext']>;

const identity = { cluster: 'local', node: 'n' };
const machine = { memoryBytes: 2 ** 30, oomScoreMin: 0, ipv6: true, processesMax: 100 };
const confining: NodeConfinement = { seccompDefault: true, appArmor: true, seLinux: true, userNamespaces: true };
const range = { firstId: 65_536, length: 65_536 };
const bare: NodeConfinement = { seccompDefault: false, appArmor: false, seLinux: false, userNamespaces: false };

const container = (securityContext?: New<SecurityContext>): Container =>
  stored<Container>({ name: 'main', image: 'web:1', ...(securityContext === undefined ? {} : { securityContext }) });
const pod = (spec: New<PodSpec> = {}): Pod =>
  stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', uid: 'u' },
    spec: { containers: [container()], ...spec },
  });

interface Wish {
  readonly own?: New<SecurityContext> | undefined;
  readonly shared?: New<PodSpec>['securityContext'] | undefined;
  readonly spec?: New<PodSpec> | undefined;
  readonly confinement?: NodeConfinement | undefined;
  readonly userRange?: ContainerSpec['userRange'];
  readonly engineRuntime?: string | undefined;
  readonly seccompProfile?: string | undefined;
}

function planned({ own, shared, spec = {}, confinement = confining, ...more }: Wish): ContainerSpec {
  return containerPlan({
    identity,
    facts: {
      pod: pod(shared === undefined ? spec : { securityContext: shared }),
      podIps: ['10.244.0.7'],
      hostIps: ['192.0.2.2'],
      allocatable: {},
    },
    container: container(own),
    attempt: 0,
    sandboxId: 'box',
    sandboxAttempt: 0,
    image: { id: 'sha256:1', user: '' },
    environment: new Map(),
    mounts: [],
    terminationLog: '/log',
    machine,
    confinement,
    ...more,
  });
}

const seccomp = (wish: Wish): string => planned(wish).security.seccomp;

test('a container that names no seccomp profile has the default one where the node says so', (t) => {
  t.is(seccomp({}), 'default');
  t.is(seccomp({ confinement: bare }), 'unconfined');
  t.is(seccomp({ shared: { seccompProfile: { type: 'RuntimeDefault' } }, confinement: bare }), 'default');
  t.is(seccomp({ own: { seccompProfile: { type: 'Unconfined' } } }), 'unconfined');
  t.is(seccomp({ own: { privileged: true } }), 'unconfined', 'privileged containers have none in Kubernetes either');
});

test('a local seccomp profile is passed on, or the container is refused', (t) => {
  const seccompProfile = { type: 'Localhost', localhostProfile: 'profiles/audit.json' } as const;
  t.is(localhostSeccompProfile(pod(), container({ seccompProfile })), 'profiles/audit.json');
  t.is(localhostSeccompProfile(pod({ securityContext: { seccompProfile } }), container()), 'profiles/audit.json');
  const unconfined = container({ seccompProfile: { type: 'Unconfined' } });
  t.is(localhostSeccompProfile(pod({ securityContext: { seccompProfile } }), unconfined), undefined);
  t.is(seccomp({ own: { seccompProfile }, seccompProfile: '{"defaultAction":"x"}' }), '{"defaultAction":"x"}');
  t.throws(() => seccomp({ own: { seccompProfile } }), {
    instanceOf: ConfinementError,
    message: /profiles\/audit\.json/,
  });
});

test('an AppArmor profile is passed on; a local one is refused where the engine has no AppArmor', (t) => {
  const local = { type: 'Localhost', localhostProfile: 'k8s-web' } as const;
  const profile = (wish: Wish): string | undefined => planned(wish).security.appArmor;
  t.is(profile({}), undefined);
  t.is(profile({ own: { appArmorProfile: local } }), 'k8s-web');
  t.is(profile({ shared: { appArmorProfile: local } }), 'k8s-web');
  t.is(profile({ shared: { appArmorProfile: local }, own: { appArmorProfile: { type: 'Unconfined' } } }), 'unconfined');
  t.is(profile({ own: { appArmorProfile: { type: 'RuntimeDefault' } } }), undefined);
  t.is(profile({ own: { appArmorProfile: { type: 'Unconfined' } }, confinement: bare }), undefined);
  t.throws(() => profile({ own: { appArmorProfile: local }, confinement: bare }), {
    instanceOf: ConfinementError,
    message: /AppArmor profile "k8s-web"/,
  });
});

test('SELinux options are passed on, or refused where the engine has no SELinux', (t) => {
  const shared = { seLinuxOptions: { level: 's0:c1,c2', type: 'svirt_lxc_net_t' } };
  t.deepEqual(planned({ shared }).security.seLinux, { type: 'svirt_lxc_net_t', level: 's0:c1,c2' });
  const own = { seLinuxOptions: { user: 'u', role: 'r' } };
  t.deepEqual(planned({ shared, own }).security.seLinux, { user: 'u', role: 'r' });
  t.is(planned({}).security.seLinux, undefined);
  t.is(planned({ own: { seLinuxOptions: {} }, confinement: bare }).security.seLinux, undefined);
  t.throws(() => planned({ shared, confinement: bare }), { instanceOf: ConfinementError, message: /SELinux/ });
});

test('every container of a pod has a limit of processes, the sandbox too', (t) => {
  t.is(planned({}).resources.processesMax, 100);
  const sandbox = sandboxPlan({
    identity,
    pod: pod(),
    image: 'sandbox',
    attempt: 0,
    addresses: ['10.244.0.7'],
    clusterDomain: 'cluster.local',
    machine,
  });
  t.is(sandbox.resources.processesMax, 100);
});

test('a pod gets a user namespace where the engine has them, and does not run elsewhere', (t) => {
  t.notThrows(() => planned({ spec: { hostUsers: false } }));
  t.notThrows(() => planned({ spec: { hostUsers: true }, confinement: bare }));
  const error = t.throws(() => planned({ spec: { hostUsers: false }, confinement: bare }), {
    instanceOf: ConfinementError,
  });
  t.is(error.module, 'userNamespaces');
  t.regex(error.message, /hostUsers: false.*userns-remap/);
});

test("a pod has its own range of users where its runtime's handler can map them, and does not run elsewhere", (t) => {
  const handlers = [
    { name: '', userNamespaces: true, recursiveReadOnlyMounts: true },
    { name: 'kata', userNamespaces: false, recursiveReadOnlyMounts: true },
  ];
  const confinement = { ...bare, handlers };
  const asking = pod({ hostUsers: false });
  t.true(takesUserRange(asking, confinement, undefined));
  t.false(takesUserRange(asking, confinement, 'kata'));
  t.false(takesUserRange(asking, confinement, 'unknown'));
  t.false(takesUserRange(pod(), confinement, undefined));
  t.false(takesUserRange(asking, bare, undefined));
  const spec = { hostUsers: false };
  t.deepEqual(planned({ spec, confinement, userRange: range }).userRange, range);
  t.throws(() => planned({ spec, confinement, engineRuntime: 'kata' }), {
    instanceOf: ConfinementError,
    message: /hostUsers: false.*the handler "kata" of its RuntimeClass has none/,
  });
  t.throws(() => planned({ spec, confinement }), { message: /hostUsers: false.*its sandbox was made without one/ });
});

test('the hidden parts of /proc are shown to a container that asks for it', (t) => {
  t.is(planned({ own: { procMount: 'Unmasked' } }).security.unmaskedProc, true);
  t.is(planned({ own: { procMount: 'Default' } }).security.unmaskedProc, undefined);
});
