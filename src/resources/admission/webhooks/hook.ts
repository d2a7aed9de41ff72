/** The admission webhooks in force. */
import type { MutatingWebhook, ValidatingWebhook } from '../../../api/index.ts';
import type { Store } from '../../../state/index.ts';
import { readObjects } from '../../stored/reading.ts';
import { remembered } from '../../stored/remembered.ts';

/** A webhook of either kind. */
export type Webhook = ValidatingWebhook & Pick<Partial<MutatingWebhook>, 'reinvocationPolicy'>;

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

type HookKind = 'mutatingwebhookconfigurations' | 'validatingwebhookconfigurations';

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
