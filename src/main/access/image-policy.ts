/** Reads whom ImagePolicyWebhook asks. */
import { dirname, resolve } from 'node:path';
import { parseEndpointConfig, remoteEndpoint } from '../../api-server/index.ts';
import type { ImagePolicy } from '../../resources/index.ts';
import type { PlugInSection, Tree } from './plug-in-section.ts';

const postMs = 10_000;

interface DurationBounds {
  readonly unitMs: number;
  readonly defaultMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

const ttl = { unitMs: 1_000, minMs: 1_000, maxMs: 30 * 60_000 };
const durations = {
  allowTTL: { ...ttl, defaultMs: 5 * 60_000 },
  denyTTL: { ...ttl, defaultMs: 30_000 },
  retryBackoff: { unitMs: 1, defaultMs: 500, minMs: 1, maxMs: 5 * 60_000 },
} as const;

/**
 * The section `imagePolicy` as Kubernetes has it: kubeConfigFile, allowTTL and denyTTL in seconds, retryBackoff in ms
 * (0: the default, -1: none), defaultAllow. Throws an Error for what cannot be used; the service must speak TLS.
 */
export function imagePolicyOf({ file, tree }: PlugInSection): ImagePolicy {
  const given = tree['imagePolicy'];
  if (typeof given !== 'object' || given === null) throw new Error('imagePolicy: expected an object');
  const policy = given as Tree;
  const { kubeConfigFile, defaultAllow = false } = policy;
  if (typeof kubeConfigFile !== 'string' || kubeConfigFile === '')
    throw new Error('imagePolicy.kubeConfigFile: expected a file in kubeconfig form with the address of the service');
  if (typeof defaultAllow !== 'boolean') throw new Error('imagePolicy.defaultAllow: expected true or false');
  const config = parseEndpointConfig(resolve(dirname(file), kubeConfigFile));
  if (!config.url.startsWith('https://'))
    throw new Error(`imagePolicy.kubeConfigFile: the server ${config.url} must begin with https://`);
  const endpoint = remoteEndpoint(config, { timeoutMs: postMs, userAgent: 'troupe' });
  return {
    post: (body) => endpoint.post(body),
    allowMs: durationMs(policy, 'allowTTL'),
    denyMs: durationMs(policy, 'denyTTL'),
    retryMs: durationMs(policy, 'retryBackoff'),
    defaultAllow,
  };
}

function durationMs(policy: Tree, field: keyof typeof durations): number {
  const { unitMs, defaultMs, minMs, maxMs }: DurationBounds = durations[field];
  const value = policy[field] ?? 0;
  if (value === 0) return defaultMs;
  if (value === -1) return 0;
  if (typeof value === 'number' && value * unitMs >= minMs && value * unitMs <= maxMs) return value * unitMs;
  const bounds = `${String(minMs / unitMs)} to ${String(maxMs / unitMs)}`;
  throw new Error(`imagePolicy.${field}: expected ${bounds}, or 0 for the default, or -1 for none`);
}
