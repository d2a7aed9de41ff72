/** The pods and Services of the lane, as objects of the API. */
import { dirname } from 'node:path';
import { image, nodeProgram } from './image.ts';
import { endpointSets, servers, type Variant, variants } from './paths.ts';
import { residents, wallPorts } from './policy-cases.ts';

export const ports = { answer: 18_080, http: 18_090, host: 7000 } as const;
export const externalAddress = (machine: number): string => `192.0.2.${machine}`;

interface PodSettings {
  readonly name: string;
  readonly node: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly hostNetwork?: boolean;
  readonly hostPort?: number;
  readonly graceSeconds?: number;
  /** The ports that it answers at, by name. */
  readonly answers?: Readonly<Record<string, number>>;
}

/** A pod that answers at its ports. */
export function podOf(settings: PodSettings): object {
  const { name, node, namespace = 'default', labels = {}, hostNetwork = false, hostPort, graceSeconds = 0 } = settings;
  const answers = Object.entries(settings.answers ?? { answer: ports.answer });
  const numbers = answers.map(([, port]) => port).join(',');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { lane: 'traffic', ...labels } },
    spec: {
      nodeName: node,
      hostNetwork,
      terminationGracePeriodSeconds: graceSeconds,
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'answering',
          image,
          imagePullPolicy: 'Never',
          command: ['/node/node', '/lane/answering.ts', name, numbers, String(ports.http)],
          ports: answers.flatMap(([port, containerPort]) =>
            ['TCP', 'UDP'].map((protocol) => ({
              name: `${port}-${protocol.toLowerCase()}`,
              containerPort,
              protocol,
              ...(hostPort === undefined ? {} : { hostPort }),
            })),
          ),
          // Without a request it would get what a busy machine leaves over, and its answers are measured.
          resources: { requests: { cpu: '250m' } },
          readinessProbe: { httpGet: { port: ports.http }, periodSeconds: 1, failureThreshold: 30 },
          volumeMounts: [
            { name: 'node', mountPath: '/node', readOnly: true },
            { name: 'lane', mountPath: '/lane', readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: 'node', hostPath: { path: dirname(nodeProgram) } },
        { name: 'lane', hostPath: { path: import.meta.dirname } },
      ],
    },
  };
}

const namespaces = ['walls', 'guests'].map((name) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { team: name } },
}));

/** The answering pods and the callers, one of these on each machine. */
export function podManifests(nodes: readonly string[]): readonly object[] {
  const answering = servers.map(({ name, machine, hostNetwork, ending }) =>
    podOf({
      name,
      node: nodes[machine - 1] ?? '',
      hostNetwork,
      labels: Object.fromEntries(
        Object.entries(endpointSets).flatMap(([set, pods]) => (pods.includes(name) ? [[`in-${set}`, 'yes']] : [])),
      ),
      graceSeconds: ending ? 3600 : 0,
      ...(name === 's1' ? { hostPort: ports.host } : {}),
    }),
  );
  const callers = nodes.map((node, i) => podOf({ name: `caller-${i + 1}`, node }));
  const living = residents.map(({ name, namespace, machine, role }) =>
    podOf({ name, namespace, node: nodes[machine - 1] ?? '', labels: { role }, answers: wallPorts }),
  );
  return [...namespaces, ...answering, ...callers, ...living];
}

const portsOf = (own: { readonly port: number; readonly nodePort?: number }): readonly object[] =>
  ['TCP', 'UDP'].map((protocol) => ({
    ...own,
    name: protocol.toLowerCase(),
    protocol,
    targetPort: ports.answer,
  }));

function serviceOf(variant: Variant): object {
  const { name, endpoints, external, internal, affinity, port, nodePort } = variant;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: {
      type: 'LoadBalancer',
      selector: { [`in-${endpoints}`]: 'yes' },
      externalTrafficPolicy: external,
      internalTrafficPolicy: internal,
      sessionAffinity: affinity ? 'ClientIP' : 'None',
      externalIPs: [1, 2, 3].map(externalAddress),
      ports: portsOf({ port, nodePort }),
    },
  };
}

/** For each set of endpoints: one Service without a cluster address, and one with an Ingress in front of it. */
function plainServices(endpoints: string): readonly object[] {
  const selector = { [`in-${endpoints}`]: 'yes' };
  const web = { name: `web-${endpoints}`, port: { number: 80 } };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `headless-${endpoints}` },
      spec: { clusterIP: 'None', selector, ports: portsOf({ port: ports.answer }) },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `web-${endpoints}` },
      spec: { selector, ports: [{ port: 80, targetPort: ports.http }] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: endpoints },
      spec: {
        rules: [
          {
            host: `${endpoints}.lane`,
            http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: web } }] },
          },
        ],
      },
    },
  ];
}

export const serviceManifests = (): readonly object[] => [
  ...variants.map(serviceOf),
  ...Object.keys(endpointSets).flatMap(plainServices),
];
