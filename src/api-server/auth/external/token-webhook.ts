/** Authentication by a webhook (TokenReview). */
import type { Clock } from '../../../base/index.ts';
import type { Requester } from '../../../resources/index.ts';
import type { AuthenticationPlugIn, RecognisedToken, RefusedToken } from '../plug-ins.ts';
import { rememberedAnswers } from './remembered-answers.ts';
import { tokenHash } from '../tokens/index.ts';
import { askReview, type ReviewPost } from './webhook-review.ts';

const rememberedMax = 10_000;

/**
 * Asks a service whose token it is (TokenReview, kube-apiserver's --authentication-token-webhook-config-file). Failures
 * are not remembered.
 */
export function tokenWebhook({
  post,
  clock,
  cacheMs,
  close,
}: {
  readonly post: ReviewPost;
  readonly clock: Clock;
  readonly cacheMs: number;
  readonly close: () => void;
}): AuthenticationPlugIn {
  const answers = rememberedAnswers<RecognisedToken | RefusedToken>(clock, rememberedMax);
  return {
    name: 'webhook',
    token: (token, audiences) =>
      answers.answer(tokenHash(JSON.stringify([token, audiences])), async () => {
        const status = await askReview(post, {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenReview',
          spec: { token, audiences },
        });
        return { value: answerOf(status, audiences), keepMs: cacheMs };
      }),
    close,
  };
}

function answerOf(status: Readonly<Record<string, unknown>>, asked: readonly string[]): RecognisedToken | RefusedToken {
  if (status['authenticated'] !== true)
    return {
      error:
        typeof status['error'] === 'string' && status['error'] !== ''
          ? status['error']
          : 'the webhook does not know the token',
    };
  const user = userOf(status['user']);
  if (user === undefined) return { error: 'the webhook named no user' };
  const good = textsOf(status['audiences']);
  const shared = asked.filter((audience) => good.includes(audience));
  // A service that says nothing of audiences speaks for this server alone, as Kubernetes takes it.
  if (good.length > 0 && shared.length === 0) return { error: 'the token is meant for other audiences' };
  return { user, ...(shared.length === 0 ? {} : { audiences: shared }) };
}

function userOf(value: unknown): Requester | undefined {
  const { username, uid, groups, extra } = (value ?? {}) as {
    readonly username?: unknown;
    readonly uid?: unknown;
    readonly groups?: unknown;
    readonly extra?: unknown;
  };
  if (typeof username !== 'string' || username === '') return undefined;
  const more = Object.entries((extra ?? {}) as Record<string, unknown>).map(
    ([key, values]) => [key, textsOf(values)] as const,
  );
  return {
    name: username,
    groups: textsOf(groups),
    ...(typeof uid === 'string' && uid !== '' ? { uid } : {}),
    ...(more.length === 0 ? {} : { extra: Object.fromEntries(more) }),
  };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
