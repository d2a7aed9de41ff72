/** Rules about Services that every component shares. */
import type { ServiceSpec } from './generated/core-v1.ts';

/** Whether the Service has no cluster address: DNS answers with its endpoints. */
export function isHeadless({ clusterIP }: { readonly clusterIP?: ServiceSpec['clusterIP'] }): boolean {
  return clusterIP === 'None';
}
