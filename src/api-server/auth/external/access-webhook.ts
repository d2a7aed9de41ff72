/** Authorization by a webhook (SubjectAccessReview). */
import { type Clock, errorMessage } from '../../../base/index.ts';
import type { AccessAttributes, Decision } from '../attributes.ts';
import type { AuthorizationPlugIn } from '../plug-ins.ts';
import { rememberedAnswers } from './remembered-answers.ts';
import { askReview, type ReviewPost } from './webhook-review.ts';

interface AccessWebhookOptions {
  readonly post: ReviewPost;
  readonly clock: Clock;
  readonly allowedMs: number;
  readonly deniedMs: number;
  /** What it means that the service cannot be asked. */
  readonly failurePolicy: 'NoOpinion' | 'Deny';
  readonly close: () => void;
}

const rememberedMax = 10_000;

/** Asks a service who may do what (SubjectAccessReview, Kubernetes' webhook mode). Trouble is not remembered. */
export function accessWebhook(options: AccessWebhookOptions): AuthorizationPlugIn {
  const answers = rememberedAnswers<Decision>(options.clock, rememberedMax);
  async function ask(spec: object): Promise<{ readonly value: Decision; readonly keepMs: number }> {
    try {
      const value = decisionOf(
        await askReview(options.post, { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec }),
      );
      return { value, keepMs: value.allowed ? options.allowedMs : options.deniedMs };
    } catch (error) {
      return {
        value: {
          allowed: false,
          reason: '',
          error: errorMessage(error),
          ...(options.failurePolicy === 'Deny' ? { denied: true } : {}),
        },
        keepMs: 0,
      };
    }
  }
  return {
    name: 'webhook',
    authorize: (attributes) => {
      const spec = specOf(attributes);
      return answers.answer(JSON.stringify(spec), () => ask(spec));
    },
    close: options.close,
  };
}

function decisionOf(status: Readonly<Record<string, unknown>>): Decision {
  const reason = typeof status['reason'] === 'string' ? status['reason'] : '';
  if (status['denied'] === true) return { allowed: false, denied: true, reason };
  const error = status['evaluationError'];
  return {
    allowed: status['allowed'] === true,
    reason,
    ...(typeof error === 'string' && error !== '' ? { error } : {}),
  };
}

function specOf({ user, isResource, verb, path, ...asked }: AccessAttributes): object {
  const { group, version, resource, subresource, namespace, name } = asked;
  const filled = (fields: Readonly<Record<string, string>>): object =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
  return {
    ...(isResource
      ? { resourceAttributes: filled({ namespace, verb, group, version, resource, subresource, name }) }
      : { nonResourceAttributes: { path, verb } }),
    user: user.name,
    groups: user.groups,
    extra: user.extra,
    uid: user.uid,
  };
}
