/**
 * A driver of devices by claims (dynamic resource allocation), to learn from and to test with:
 *
 *   node examples/dra-sample/driver.ts --root /var/lib/kubelet --node NAME --devices 2 \
 *     --server https://127.0.0.1:6443 --ca ca.crt     (with a token in TOKEN)
 *
 * It publishes its devices as a ResourceSlice of the node, serves DRAPlugin at <root>/plugins/<name>/dra.sock, and
 * shows itself to the node at <root>/plugins_registry/<name>-reg.sock. Each device is /dev/zero under another name.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { claimTable, parseTable, serveGrpc } from '../../src/grpc/index.ts';
import { api, ApiError } from '../csi-hostpath/api.ts';
import { pluginSockets, register } from '../node-plugin.ts';
import { type AllocatedDevice, sampleHandlers } from './sample-devices.ts';

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: '/var/lib/kubelet' },
    node: { type: 'string', default: 'node' },
    name: { type: 'string', default: 'sample.troupe.dev' },
    devices: { type: 'string', default: '1' },
    cdi: { type: 'string', default: '/var/run/cdi' },
    faults: { type: 'string', default: '/nonexistent' },
    server: { type: 'string', default: 'https://127.0.0.1:6443' },
    ca: { type: 'string', default: 'ca.crt' },
  },
});
const { root, node, name } = values;
const group = '/apis/resource.k8s.io/v1beta1';
const call = api({
  server: values.server,
  token: process.env['TOKEN'] ?? '',
  ca: readFileSync(values.ca, 'utf8'),
});

interface Claim {
  readonly metadata: { readonly uid: string };
  readonly status?: {
    readonly allocation?: {
      readonly devices?: { readonly results?: readonly (AllocatedDevice & { readonly driver: string })[] };
    };
  };
}

/** What the claim has of this driver; the node tells no more than its name. */
async function allocated(wanted: {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}): Promise<readonly AllocatedDevice[]> {
  const path = `${group}/namespaces/${wanted.namespace}/resourceclaims/${wanted.name}`;
  const claim = await call<Claim>('GET', path);
  if (claim.metadata.uid !== wanted.uid) throw new Error(`${wanted.namespace}/${wanted.name} is another claim by now`);
  return (claim.status?.allocation?.devices?.results ?? []).filter(({ driver }) => driver === name);
}

interface KnownSlice {
  readonly metadata: object;
  readonly spec: { readonly pool: { readonly generation: number } };
}

/** Says what devices there are. The pool's generation goes up with each change, so that an old slice counts no more. */
async function publish(): Promise<void> {
  const slice = `${node}-${name}`;
  const count = Number(values.devices);
  const devices = Array.from({ length: count }, (_, index) => ({
    name: `device-${index}`,
    basic: {
      attributes: { index: { int: index }, model: { string: 'sample' } },
      capacity: { memory: { value: '1Gi' } },
    },
  }));
  const known = await call<KnownSlice>('GET', `${group}/resourceslices/${slice}`).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  });
  const generation = (known?.spec.pool.generation ?? 0) + 1;
  const body = {
    apiVersion: 'resource.k8s.io/v1beta1',
    kind: 'ResourceSlice',
    metadata: known?.metadata ?? { name: slice },
    spec: { driver: name, nodeName: node, pool: { name: node, generation, resourceSliceCount: 1 }, devices },
  };
  if (known === undefined) await call('POST', `${group}/resourceslices`, body);
  else await call('PUT', `${group}/resourceslices/${slice}`, body);
}

const sockets = pluginSockets({ root, name, file: 'dra.sock' });
await serveGrpc(sockets.socket, [
  {
    schema: parseTable(claimTable),
    service: 'DRAPlugin',
    handlers: sampleHandlers({
      name,
      cdiFolder: values.cdi,
      hostPath: '/dev/zero',
      faultsFolder: values.faults,
      allocated,
    }) as never,
  },
]);
await publish();
await register(sockets, { type: 'DRAPlugin', name, supportedVersions: ['v1beta1.DRAPlugin'] });
