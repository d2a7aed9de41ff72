/** The bodies of the objects that the benchmark of scale makes; `{n}` is the number of the request. */

const conditions = [
  ['MemoryPressure', 'False', 'NodeHasSufficientMemory'],
  ['DiskPressure', 'False', 'NodeHasNoDiskPressure'],
  ['PIDPressure', 'False', 'NodeHasSufficientPID'],
  ['Ready', 'True', 'NodeReady'],
].map(([type, status, reason]) => ({ type, status, reason, message: `node says ${reason}` }));

interface NodeParts {
  readonly name: string;
  readonly cpu: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A Node as an agent registers it, with a status, of 1.9 KB as it is stored. `{g}` is its zone. */
export function nodeBody({ name, cpu, labels }: NodeParts): string {
  const amounts = { cpu, memory: '64Gi', pods: '110', 'ephemeral-storage': '100Gi' };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'beta.kubernetes.io/arch': 'amd64',
        'topology.kubernetes.io/zone': 'zone-{g}',
        ...labels,
      },
    },
    status: {
      capacity: amounts,
      allocatable: amounts,
      conditions,
      addresses: [
        { type: 'InternalIP', address: '192.0.2.1' },
        { type: 'Hostname', address: name },
      ],
      nodeInfo: {
        kernelVersion: '6.1',
        osImage: 'bench',
        containerRuntimeVersion: 'bench://1',
        kubeletVersion: 'v1.33.5',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
    },
  });
}

export const leaseBody = JSON.stringify({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'node-{n}' },
  spec: { holderIdentity: 'node-{n}', leaseDurationSeconds: 5 },
});

interface PodParts {
  readonly name: string;
  readonly cpu?: string;
  readonly spec?: object;
}

/** A pod for the scheduler; `name` is its group, too. */
export function podBody({ name, cpu = '10m', spec }: PodParts): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-{n}`, labels: { app: name } },
    spec: {
      // Without an agent nobody would end a pod that is deleted.
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'registry.invalid/app:1', resources: { requests: { cpu, memory: '16Mi' } } }],
      ...spec,
    },
  });
}

const sameApp = (app: string): object => ({ matchLabels: { app } });

/** Over the zones, at most one pod apart. */
export const spread = (app: string): object => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: sameApp(app),
    },
  ],
});

/** In a zone with others of its kind, and on no node with one. */
export const affinity = (app: string): object => ({
  affinity: {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'topology.kubernetes.io/zone', labelSelector: sameApp(app) },
      ],
    },
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: sameApp(app) },
      ],
    },
  },
});
