/**
 * A CSI driver of folders and loop devices, to learn from and to test with:
 *
 *   node examples/csi-hostpath/driver.ts --root /var/lib/kubelet --data /srv/csi --node NAME [--zone Z] [--limit N]
 *
 * It serves identity, controller and node at <root>/plugins/<name>/csi.sock, and shows itself to the node at
 * <root>/plugins_registry/<name>-reg.sock. The data folder holds the volumes; nodes that share it share them.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { csiTable, parseTable, registrationTable, serveGrpc } from '../../src/grpc/index.ts';
import { controllerHandlers } from './controller-service.ts';
import { Faults } from './faults.ts';
import { nodeHandlers } from './node-service.ts';
import { VolumeStore } from './volume-store.ts';

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: '/var/lib/kubelet' },
    data: { type: 'string', default: '/var/lib/csi-hostpath' },
    node: { type: 'string', default: 'node' },
    name: { type: 'string', default: 'hostpath.troupe.dev' },
    zone: { type: 'string' },
    limit: { type: 'string', default: '0' },
    'bytes-max': { type: 'string', default: String(2 ** 40) },
    'no-attach': { type: 'boolean', default: false },
  },
});
const { root, data, name, zone } = values;
const store = new VolumeStore(data);
const faults = new Faults(data);
const folder = join(root, 'plugins', name);
const socket = join(folder, 'csi.sock');
const registrySocket = join(root, 'plugins_registry', `${name}-reg.sock`);

const struck = (handlers: Readonly<Record<string, (request: never) => object>>): never =>
  Object.fromEntries(Object.entries(handlers).map(([method, work]) => [method, faults.around(method, work)])) as never;

const identity = {
  GetPluginInfo: () => ({ name, vendorVersion: '1' }),
  GetPluginCapabilities: () => ({
    capabilities: [
      { service: { type: 'CONTROLLER_SERVICE' } },
      ...(zone === undefined ? [] : [{ service: { type: 'VOLUME_ACCESSIBILITY_CONSTRAINTS' } }]),
    ],
  }),
  Probe: () => ({ ready: true }),
};

mkdirSync(folder, { recursive: true });
mkdirSync(join(root, 'plugins_registry'), { recursive: true });
for (const path of [socket, registrySocket]) rmSync(path, { force: true });
const csi = parseTable(csiTable);
await serveGrpc(socket, [
  { schema: csi, service: 'Identity', handlers: identity },
  {
    schema: csi,
    service: 'Controller',
    handlers: struck(controllerHandlers({ store, bytesMax: Number(values['bytes-max']) })),
  },
  {
    schema: csi,
    service: 'Node',
    handlers: struck(
      nodeHandlers({
        store,
        nodeId: values.node,
        volumesMax: Number(values.limit),
        segments: zone === undefined ? {} : { 'topology.hostpath.troupe.dev/zone': zone },
        attach: !values['no-attach'],
      }),
    ),
  },
]);
await serveGrpc(registrySocket, [
  {
    schema: parseTable(registrationTable),
    service: 'Registration',
    handlers: {
      GetInfo: () => ({ type: 'CSIPlugin', name, endpoint: socket, supportedVersions: ['1.0.0'] }),
      NotifyRegistrationStatus: ({
        pluginRegistered,
        error,
      }: {
        readonly pluginRegistered: boolean;
        readonly error: string;
      }) => {
        console.log(pluginRegistered ? 'registered' : `not registered: ${error}`);
        return {};
      },
    },
  },
]);
const leave = (): void => {
  for (const path of [socket, registrySocket]) rmSync(path, { force: true });
  process.exit(0);
};
process.on('SIGTERM', leave);
process.on('SIGINT', leave);
