/** Checks that a joining member can listen on its ports. */
import { freePort } from '../../platform/index.ts';
import { JoinProblem } from './checks.ts';

/**
 * Rejects with a JoinProblem when a member could not listen there: the address is not this machine's, or a port is in
 * use.
 */
export async function checkOwnPorts(
  address: string,
  ports: readonly { readonly setting: string; readonly port: number }[],
): Promise<void> {
  for (const { setting, port } of ports) {
    try {
      await freePort(address, port);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EADDRNOTAVAIL')
        throw new JoinProblem(
          `${address} is not an address of this machine; choose one with --address (\`ip address\` shows them)`,
        );
      if (code === 'EADDRINUSE')
        throw new JoinProblem(
          `port ${port} of ${address} is in use by another program; ` +
            `stop that, or set another ${setting} in the home's config.yaml`,
        );
      throw error;
    }
  }
}
