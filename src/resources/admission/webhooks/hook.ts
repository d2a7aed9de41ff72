import type { LabelSelector } from '../../../api/index.ts';
import type { Store } from '../../../state/index.ts';
import { readObjects } from '../../reading.ts';
import { remembered } from '../../remembered.ts';
import type { RequestRule } from '../request-matching.ts';

export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** A webhook as it is stored, with its defaults filled in. */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: {
    readonly url?: string | undefined;
    readonly service?: {
      readonly namespace: string;
      readonly name: string;
      readonly path?: string | undefined;
      readonly port?: number | undefined;
    };
    /** PEM, in base64. */
    readonly caBundle?: string | undefined;
  };
  readonly rules?: readonly RequestRule[] | undefined;
  readonly failurePolicy?: string | undefined;
  readonly matchPolicy?: string | undefined;
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly objectSelector?: LabelSelector | undefined;
  readonly sideEffects?: string | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly admissionReviewVersions: readonly string[];
  readonly reinvocationPolicy?: string | undefined;
  readonly matchConditions?: readonly MatchCondition[] | undefined;
}

/** A webhook and its place: the same place is the same hook in one request. */
export interface Hook {
  readonly id: string;
  /** The configuration that it stands in. */
  readonly configuration: string;
  readonly webhook: Webhook;
}

interface Configuration {
  readonly metadata: { readonly name?: string | undefined };
  readonly webhooks?: readonly Webhook[] | null | undefined;
}

export type HookKind = 'mutatingwebhookconfigurations' | 'validatingwebhookconfigurations';

const group = 'admissionregistration.k8s.io';

/** The hooks of one kind in the order of their configurations' names. */
export function hookRegistry(resource: HookKind): (store: Store) => readonly Hook[] {
  return remembered([{ group, resource }], (store) =>
    readObjects<Configuration>(store, { group, resource }).flatMap(hooksOf),
  );
}

function hooksOf({ metadata, webhooks }: Configuration): readonly Hook[] {
  return (webhooks ?? []).map((webhook, index) => ({
    id: `${metadata.name ?? ''}/${webhook.name}/${String(index)}`,
    configuration: metadata.name ?? '',
    webhook,
  }));
}
