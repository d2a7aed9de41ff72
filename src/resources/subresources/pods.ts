/** The resource of pods. */
import { findResource, type ResourceInfo } from '../../api/index.ts';
import { assert } from '../../base/index.ts';

let pods: ResourceInfo | undefined;

/** The resource of pods, which binding and eviction write whatever path they came by. */
export function podsInfo(): ResourceInfo {
  pods ??= findResource('', 'v1', 'pods');
  assert(pods !== undefined, 'Pod is a known kind');
  return pods;
}
