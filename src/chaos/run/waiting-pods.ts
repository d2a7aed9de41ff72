/** Why the run's pods do not start, in words for whoever gave it an image that nodes cannot have. */
import type { ApiClient } from '../clients/api-client.ts';

interface WaitingPod {
  readonly status?: {
    readonly containerStatuses?: readonly {
      readonly image: string;
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
    }[];
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

const ofImages = /Image/;

/** Sentences, each once; none where nothing waits. */
export function whyWaiting(pods: readonly WaitingPod[]): readonly string[] {
  const told = pods.flatMap(({ status }) => {
    const unplaced = status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
    if (unplaced !== undefined) return [`a pod finds no node: ${unplaced.message ?? ''}`];
    return (status?.containerStatuses ?? []).flatMap(({ image, state }) => {
      const { reason, message = '' } = state?.waiting ?? {};
      if (reason === undefined || reason === 'ContainerCreating') return [];
      const hint = ofImages.test(reason) ? ' (--image names one that the nodes have)' : '';
      return [`a container of ${image} waits: ${[reason, message].filter(Boolean).join(': ')}${hint}`];
    });
  });
  return [...new Set(told)];
}

/** The error with why pods of the namespace wait, as far as the cluster says so. */
export async function withWaitingPods(error: unknown, api: ApiClient, namespace: string): Promise<Error> {
  const what = error instanceof Error ? error.message : String(error);
  const outcome = await api.call({ path: `/api/v1/namespaces/${namespace}/pods` });
  if (outcome.type !== 'answered' || outcome.status !== 200) return new Error(what, { cause: error });
  const { items } = JSON.parse(outcome.text) as { readonly items: readonly WaitingPod[] };
  return new Error([what, ...whyWaiting(items)].join('\n  '), { cause: error });
}
