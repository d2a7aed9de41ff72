/**
 * A CSI driver of folders and loop devices, to learn from and to test with:
 *
 *   node examples/csi-hostpath/driver.ts --root /var/lib/kubelet --data /srv/csi --node NAME [--zone Z] [--limit N]
 *
 * It serves identity, controller and node at <root>/plugins/<name>/csi.sock, and shows itself to the node at
 * <root>/plugins_registry/<name>-reg.sock. The data folder holds the volumes; nodes that share it share them.
 */
import { parseArgs } from 'node:util';
import { csiTable, parseTable, serveGrpc } from '../../src/grpc/index.ts';
import { pluginSockets, register } from '../node-plugin.ts';
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

const sockets = pluginSockets({ root, name, file: 'csi.sock' });
const csi = parseTable(csiTable);
await serveGrpc(sockets.socket, [
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
await register(sockets, { type: 'CSIPlugin', name, supportedVersions: ['1.0.0'] });
