import type { LabelSelector } from '../../../api/index.ts';
import type { Store } from '../../../state/index.ts';
import { collectionPrefix } from '../../key.ts';
import { readObjects } from '../../reading.ts';
import type { RequestRule } from '../request-matching.ts';

export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** A webhook as it is stored, with its defaults filled in. */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: {
    readonly url?: string;
    readonly service?: { readonly namespace: string; readonly name: string; readonly path?: string; readonly port?: number };
    /** PEM, in base64. */
    readonly caBundle?: string;
  };
  readonly rules?: readonly RequestRule[];
  readonly failurePolicy?: string;
  readonly matchPolicy?: string;
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly sideEffects?: string;
  readonly timeoutSeconds?: number;
  readonly admissionReviewVersions: readonly string[];
  readonly reinvocationPolicy?: string;
  readonly matchConditions?: readonly MatchCondition[];
}

/** A webhook and its place: the same place is the same hook in one request. */
export interface Hook {
  readonly id: string;
  /** The configuration that it stands in. */
  readonly configuration: string;
  readonly webhook: Webhook;
}

interface Configuration {
  readonly metadata: { readonly name?: string };
  readonly webhooks?: readonly Webhook[] | null;
}

export type HookKind = 'mutatingwebhookconfigurations' | 'validatingwebhookconfigurations';

const group = 'admissionregistration.k8s.io';

/** The hooks of one kind in the order of their configurations' names, kept until a configuration changes. */
export function hookRegistry(resource: HookKind): (store: Store) => readonly Hook[] {
  const known = new WeakMap<Store, { hooks: readonly Hook[] | undefined }>();
  const prefix = collectionPrefix({ group, resource });
  return (store) => {
    let entry = known.get(store);
    if (entry === undefined) {
      const made: { hooks: readonly Hook[] | undefined } = { hooks: undefined };
      store.onApplied((events) => { if (events.some(({ record }) => record.key.startsWith(prefix))) made.hooks = undefined; });
      known.set(store, made);
      entry = made;
    }
    return (entry.hooks ??= readObjects<Configuration>(store, { group, resource }).flatMap(hooksOf));
  };
}

function hooksOf({ metadata, webhooks }: Configuration): readonly Hook[] {
  return (webhooks ?? []).map((webhook, index) => ({ id: `${metadata.name ?? ''}/${webhook.name}/${String(index)}`, configuration: metadata.name ?? '', webhook }));
}
