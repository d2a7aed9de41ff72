import { freePort } from '../process/index.ts';
import { JoinProblem } from './checks.ts';

/**
 * Rejects with a JoinProblem when a member could not listen there: the address is not this machine's, or a port is
 * taken.
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
          `${address} is no address of this machine; give one with --address (\`ip address\` shows them)`,
        );
      if (code === 'EADDRINUSE')
        throw new JoinProblem(
          `port ${port} of ${address} is in use by another program; end that, or set another ${setting} in the home's config.yaml`,
        );
      throw error;
    }
  }
}
