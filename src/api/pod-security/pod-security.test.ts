import test from 'ava';
import { fieldErrorText } from '../machinery/index.ts';
import {
  type CheckedPod,
  describeViolations,
  isSignificantChange,
  type LevelVersion,
  podViolations,
  policyOfLabels,
} from './index.ts';

const baseline: LevelVersion = { level: 'baseline', minor: 'latest' };
const restricted: LevelVersion = { level: 'restricted', minor: 'latest' };
const pod = (spec: object, context: object = {}, annotations: Record<string, string> = {}): CheckedPod => ({
  metadata: { annotations },
  spec: { containers: [{ name: 'c', image: 'i', securityContext: context }], ...spec },
});
const good = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

const baselineTable: readonly (readonly [CheckedPod, string])[] = [
  [pod({}), ''],
  [pod({}, { privileged: true }), 'privileged (container "c" must not set securityContext.privileged=true)'],
  [pod({ hostNetwork: true, hostIPC: true }), 'host namespaces (hostNetwork=true, hostIPC=true)'],
  [
    pod({
      volumes: [
        { name: 'a', hostPath: {} },
        { name: 'b', hostPath: {} },
      ],
    }),
    'hostPath volumes (volumes "a", "b")',
  ],
  [
    pod({ containers: [{ name: 'c', ports: [{ hostPort: 81 }, { hostPort: 80 }] }] }),
    'hostPort (container "c" uses hostPorts 80, 81)',
  ],
  [
    pod({}, { procMount: 'Unmasked' }),
    'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
  ],
  [
    pod({ securityContext: { seLinuxOptions: { user: 'u', role: 'r' } } }),
    'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: user may not be set; role may not be set)',
  ],
  [
    pod({}, { appArmorProfile: { type: 'Unconfined' } }),
    'forbidden AppArmor profile (container "c" must not set AppArmor profile type to "Unconfined")',
  ],
  [
    pod({}, {}, { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' }),
    'forbidden AppArmor profile (annotation must not set AppArmor profile type to ' +
      '"container.apparmor.security.beta.kubernetes.io/c=\\"unconfined\\"")',
  ],
  [
    pod({ securityContext: { windowsOptions: { hostProcess: true } } }),
    'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
  ],
  [
    pod({ securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem' }, { name: 'kernel.x' }] } }),
    'forbidden sysctls (kernel.x)',
  ],
];

test('the baseline forbids what reaches the host', (t) => {
  for (const [checked, text] of baselineTable) t.is(describeViolations(podViolations(checked, baseline)), text);
});

test('the restricted level asks for hardened containers and includes the baseline', (t) => {
  t.is(describeViolations(podViolations(pod({}, good), restricted)), '');
  t.is(
    describeViolations(podViolations(pod({ hostPID: true }, { ...good, runAsUser: 0 }), restricted)),
    'host namespaces (hostPID=true), runAsUser=0 (container "c" must not set runAsUser=0)',
  );
  t.is(
    describeViolations(podViolations(pod({ os: { name: 'windows' } }), restricted)),
    'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true)',
  );
  t.is(
    describeViolations(
      podViolations(
        pod(
          {
            volumes: [
              { name: 'v', hostPath: {} },
              { name: 'w', nfs: {} },
            ],
          },
          good,
        ),
        restricted,
      ),
    ),
    'restricted volume types (volumes "v", "w" use restricted volume types "hostPath", "nfs")',
  );
});

test('an older version of the standards asks for what it asked for then', (t) => {
  t.is(
    podViolations(pod({ securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem' }] } }), {
      level: 'baseline',
      minor: 31,
    }).length,
    1,
  );
  t.is(
    describeViolations(podViolations(pod({}), { level: 'restricted', minor: 7 })),
    'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true)',
  );
});

test('labels name levels and versions; bad ones fail closed where enforced', (t) => {
  const { policy, errors } = policyOfLabels({
    'pod-security.kubernetes.io/enforce': 'strict',
    'pod-security.kubernetes.io/warn': 'x',
    'pod-security.kubernetes.io/audit': 'baseline',
    'pod-security.kubernetes.io/audit-version': 'v1.25',
  });
  t.deepEqual(policy, {
    enforce: restricted,
    audit: { level: 'baseline', minor: 25 },
    warn: { level: 'privileged', minor: 'latest' },
  });
  t.deepEqual(
    errors.map((error) => fieldErrorText(error)),
    [
      'Invalid value: "strict": must be one of privileged, baseline, restricted',
      'Invalid value: "x": must be one of privileged, baseline, restricted',
    ],
  );
});

test('what is enforced is warned of where nothing else is said of warnings', (t) => {
  const warned = (labels: Record<string, string>): LevelVersion =>
    policyOfLabels(
      Object.fromEntries(Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value])),
    ).policy.warn;
  t.deepEqual(warned({ enforce: 'baseline', 'enforce-version': 'v1.30' }), { level: 'baseline', minor: 30 });
  t.deepEqual(warned({ enforce: 'baseline', 'warn-version': 'v1.29' }), { level: 'baseline', minor: 29 });
  t.deepEqual(warned({ enforce: 'baseline', warn: 'privileged' }), { level: 'privileged', minor: 'latest' });
});

test('only changes of images, containers and profiles count', (t) => {
  t.false(isSignificantChange(pod({}), pod({})));
  t.true(isSignificantChange(pod({ containers: [{ name: 'c', image: 'j' }] }), pod({})));
  t.true(isSignificantChange(pod({ ephemeralContainers: [{ name: 'e', image: 'i' }] }), pod({})));
});
