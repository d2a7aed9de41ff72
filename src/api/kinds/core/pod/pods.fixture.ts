/** Pods that tests begin with. */

import type { JsonObject } from '../../../object.ts';

export type Body = Record<string, unknown>;

export const container = (more: Body = {}): Body => ({ name: 'web', image: 'shop:1', ...more });

export const pod = (spec: Body = {}, metadata: Body = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata,
  spec: { containers: [container()], ...spec },
});
