/** How the example drivers show themselves to a node: sockets and the registration of plug-ins with a kubelet. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseTable, registrationTable, serveGrpc } from '../src/grpc/index.ts';

interface PluginSockets {
  /** Where the driver serves the node: <root>/plugins/<name>/<file>. */
  readonly socket: string;
  /** Where the node hears of it: <root>/plugins_registry/<name>-reg.sock. */
  readonly registrySocket: string;
}

interface PluginPlace {
  /** The kubelet's folder. */
  readonly root: string;
  /** The driver's name. */
  readonly name: string;
  /** The file name of its socket. */
  readonly file: string;
}

/** Makes room for a driver's sockets, which a run before this one may have left, and removes them when it ends. */
export function pluginSockets({ root, name, file }: PluginPlace): PluginSockets {
  const [folder, registry] = [join(root, 'plugins', name), join(root, 'plugins_registry')];
  const [socket, registrySocket] = [join(folder, file), join(registry, `${name}-reg.sock`)];
  for (const each of [folder, registry]) mkdirSync(each, { recursive: true });
  const clear = (): void => {
    for (const path of [socket, registrySocket]) rmSync(path, { force: true });
  };
  clear();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      clear();
      process.exit(0);
    });
  return { socket, registrySocket };
}

interface PluginInfo {
  readonly type: 'CSIPlugin' | 'DRAPlugin';
  readonly name: string;
  readonly supportedVersions: readonly string[];
}

interface RegistrationStatus {
  readonly pluginRegistered: boolean;
  readonly error: string;
}

/** Shows a driver that serves already to the node. */
export async function register({ socket, registrySocket }: PluginSockets, info: PluginInfo): Promise<void> {
  const handlers = {
    GetInfo: () => ({ ...info, endpoint: socket }),
    NotifyRegistrationStatus: ({ pluginRegistered, error }: RegistrationStatus) => {
      console.log(pluginRegistered ? 'registered' : `not registered: ${error}`);
      return {};
    },
  };
  await serveGrpc(registrySocket, [{ schema: parseTable(registrationTable), service: 'Registration', handlers }]);
}
