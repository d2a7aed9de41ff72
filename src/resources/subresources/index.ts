/**
 * Ways of writing that are not the object itself: Scale, Binding, Eviction, TokenRequest.
 *
 * Subresources that read and write their own object (status, approval, finalize, ephemeralcontainers, resize) need no
 * code here: they are updates with rules of their own, which the kind's behaviour names.
 */
import type { WritePorts } from '../ports.ts';
import type { RequestBody, Target, WriteContext, WriteResult } from '../service.ts';
import { createBinding } from './binding.ts';
import { createEviction } from './eviction.ts';
import { createToken } from './token.ts';

type Creation = (ports: WritePorts, target: Target, body: RequestBody, context: WriteContext) => Promise<WriteResult>;

const creations: Readonly<Record<string, Creation>> = {
  'pods/binding': createBinding,
  'bindings/': createBinding,
  'pods/eviction': createEviction,
  'serviceaccounts/token': createToken,
};

/** What a POST to this path does, when it is not the creation of a stored object. */
export function creationAt({ info, subresource }: Target): Creation | undefined {
  return info.group === '' ? creations[`${info.resource}/${subresource}`] : undefined;
}

export { patchScale, updateScale } from './scale.ts';
export { scaleOf } from '../stored/scale-object.ts';
