import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Pod } from '../../api/index.ts';
import { grpcCodes, type GrpcError, grpcService, parseTable, podResourcesTable } from '../../grpc/index.ts';
import { systemClock } from '../../platform/index.ts';
import { stored } from '../objects.fixture.ts';
import { servePodResources } from './index.ts';
import type { HeldResources } from './pod-resources.ts';

const resource = 'example.com/sample';
const pod = (name: string, spec: object): Pod =>
  stored<Pod>({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop', uid: `uid-${name}` }, spec });

const web = pod('web', {
  initContainers: [{ name: 'once' }, { name: 'side', restartPolicy: 'Always' }],
  containers: [{ name: 'main' }],
});
const plain = pod('plain', { containers: [{ name: 'main' }] });

const holding = (container: string, ids: readonly string[]) => ({
  podUid: 'uid-web',
  container,
  resource,
  ids,
  passesOn: container === 'once',
});
const held: HeldResources = {
  devices: {
    resources: [
      {
        resource,
        devices: [
          { id: 'a', healthy: true, numaNodes: [1] },
          { id: 'b', healthy: true },
          { id: 'c', healthy: false },
        ],
      },
    ],
    holdings: [holding('once', ['a']), holding('main', ['a', 'b']), { ...holding('main', ['c']), podUid: 'uid-gone' }],
  },
  claims: ({ metadata }, { name }) =>
    metadata.name === 'web' && name === 'side'
      ? [
          {
            entry: 'gpu',
            claim: 'web-gpu',
            devices: [
              { driver: 'd.example', requestNames: ['r'], poolName: 'p', deviceName: 'x', cdiDeviceIds: ['d/k=x'] },
            ],
          },
        ]
      : [],
  cpus: {
    heldBy: (uid, container) => (uid === 'uid-web' && container === 'main' ? [2, 3] : []),
    allocatable: [1, 2, 3],
  },
};

async function serve(t: ExecutionContext) {
  const folder = mkdtempSync(join(tmpdir(), 'pod-resources-'));
  const server = await servePodResources({ folder, pods: () => [web, plain], held });
  t.teardown(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  const place = { socketPath: join(folder, 'kubelet.sock'), clock: systemClock };
  const call = grpcService(parseTable(podResourcesTable), 'PodResourcesLister', place);
  return (method: string, request: Readonly<Record<string, unknown>> = {}) =>
    call(method, request, { deadlineMs: 5000 });
}

const a = { resourceName: resource, deviceIds: ['a'], topology: { nodes: [{ ID: 1 }] } };
const b = { resourceName: resource, deviceIds: ['b'], topology: undefined };
const none = { devices: [], cpuIds: [], memory: [], dynamicResources: [] };
const webMessage = {
  name: 'web',
  namespace: 'shop',
  containers: [
    {
      ...none,
      name: 'side',
      dynamicResources: [
        {
          claimName: 'web-gpu',
          claimNamespace: 'shop',
          claimResources: [
            { driverName: 'd.example', poolName: 'p', deviceName: 'x', cdiDevices: [{ name: 'd/k=x' }] },
          ],
        },
      ],
    },
    { ...none, name: 'main', devices: [a, b], cpuIds: [2, 3] },
  ],
};

test('a monitoring agent reads what each pod of the node holds', async (t) => {
  const call = await serve(t);
  t.deepEqual(await call('List'), {
    podResources: [webMessage, { name: 'plain', namespace: 'shop', containers: [{ ...none, name: 'main' }] }],
  });
});

test('one pod is found by its name, and one that is not there is not found', async (t) => {
  const call = await serve(t);
  t.deepEqual(await call('Get', { podName: 'web', podNamespace: 'shop' }), { podResources: webMessage });
  const error = await t.throwsAsync<GrpcError>(call('Get', { podName: 'web', podNamespace: 'other' }));
  t.is(error.code, grpcCodes.notFound);
  t.regex(error.message, /pod web in namespace other not found/);
});

test('what can be given is told whether or not somebody has it, but nothing that is unwell', async (t) => {
  const call = await serve(t);
  t.deepEqual(await call('GetAllocatableResources'), { devices: [a, b], cpuIds: [1, 2, 3], memory: [] });
});
