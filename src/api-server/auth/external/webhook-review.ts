/** Sends a review to a webhook and reads its status. */
import { utf8 } from '../../request.ts';

/** POST of JSON to a service outside; rejects when there is no answer in time. */
export type ReviewPost = (body: Uint8Array) => Promise<{ readonly status: number; readonly body: Uint8Array }>;

/** Sends a review and gives the status that came back. Rejects with an Error for everything that is none. */
export async function askReview(
  post: ReviewPost,
  review: { readonly apiVersion: string; readonly kind: string; readonly spec: object },
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await post(utf8(JSON.stringify({ ...review, metadata: { creationTimestamp: null } })));
  if (answer.status < 200 || answer.status > 299) throw new Error(`the webhook answered ${String(answer.status)}`);
  const { kind, status } = JSON.parse(Buffer.from(answer.body).toString()) as {
    readonly kind?: unknown;
    readonly status?: unknown;
  };
  if (kind !== review.kind || typeof status !== 'object' || status === null)
    throw new Error(`the webhook answered no ${review.kind} with a status`);
  return status as Readonly<Record<string, unknown>>;
}
