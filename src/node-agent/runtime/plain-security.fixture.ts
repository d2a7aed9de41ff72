import type { ContainerSpec } from './runtime.ts';

/** Rights of a container that tests ask nothing special of. */
export const plainSecurity: ContainerSpec['security'] = {
  privileged: false,
  readOnlyRoot: false,
  addCapabilities: [],
  dropCapabilities: [],
  supplementalGroups: [],
  noNewPrivileges: false,
  seccomp: 'unconfined',
};
