import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import type { ContainerRuntime } from '../runtime/index.ts';
import { setUpBridge } from './bridge.ts';

const settings = {
  cluster: 'c',
  clusterId: 'u',
  networks: [{ family: 'IPv4' as const, clusterCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16', dnsAddress: '' }],
};

/** The lines that `ip` reads while the bridge is set up, on a machine with the interface or without. */
async function linesWhen(isThere: boolean): Promise<readonly string[]> {
  const lines: string[] = [];
  await setUpBridge(
    {
      // All that it is asked for; the engine has the network.
      runtime: { ensureNetwork: () => Promise.resolve() } as Partial<ContainerRuntime> as ContainerRuntime,
      run: (command, args, stdin = '') => {
        if (args.includes('show') && !isThere) return Promise.reject(new Error(`${command}: no such device`));
        lines.push(...stdin.trim().split('\n'));
        return Promise.resolve('');
      },
      log: silentLogger,
    },
    settings,
  );
  return lines.filter((line) => line !== '');
}

test('an interface that is gone is made again although the engine has its network still', async (t) => {
  t.deepEqual(await linesWhen(false), [
    'link add trp-c address 02:42:0a:f4:00:01 type bridge',
    'address add 10.244.0.1/16 broadcast + dev trp-c',
    'link set trp-c up',
  ]);
  t.deepEqual(await linesWhen(true), []);
});
