/** What a container of a benchmark is made of, whichever engine makes it. */
import type { ContainerSpec } from '../../src/node-agent/runtime/index.ts';
import { plainSecurity } from '../../src/node-agent/runtime/plain-security.fixture.ts';

type PlainOptions = Pick<ContainerSpec, 'name' | 'image' | 'labels' | 'entrypoint'> & { readonly hostname: string };

/** A container with a network, files and rights as the agent gives them to a plain pod. */
export const plainSpec = ({ hostname, ...options }: PlainOptions): ContainerSpec => ({
  ...options,
  environment: ['A=1'],
  network: { type: 'own', hostname },
  ipc: { mode: 'shareable' },
  pid: { mode: 'own' },
  mounts: ['hosts', 'resolv.conf'].map((file) => ({ source: `/etc/${file}`, target: `/etc/${file}`, readOnly: true })),
  resources: {},
  security: { ...plainSecurity, seccomp: '' },
});
