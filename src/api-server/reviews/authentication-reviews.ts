/** The reviews of authentication.k8s.io: whose token is this, and who am I? */
import { badRequest, type KubeObject } from '../../api/index.ts';
import type { Requester } from '../../resources/index.ts';
import { checkToken } from '../auth/index.ts';
import {
  decodedReview,
  reviewObject,
  type ReviewPorts,
  type ReviewRequest,
  textIn,
  textsIn,
} from './review-options.ts';

/** TokenReview: whose token is this? */
export async function tokenReview(ports: ReviewPorts, request: ReviewRequest): Promise<KubeObject> {
  const { spec } = decodedReview(request);
  const token = textIn(spec, 'token');
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const asked = textsIn(spec, 'audiences');
  const wanted = asked.length > 0 ? asked : ports.authentication.audiences;
  const check = await checkToken(ports.authentication, token, wanted);
  if ('error' in check) return reviewObject(request.info, { spec, status: { user: {}, error: check.error } });
  const audiences = check.audiences.length > 0 ? check.audiences : wanted;
  return reviewObject(request.info, { spec, status: { authenticated: true, user: userFields(check.user), audiences } });
}

/** SelfSubjectReview: who am I? */
export function selfSubjectReview(ports: ReviewPorts, request: ReviewRequest): KubeObject {
  decodedReview(request);
  return reviewObject(request.info, {
    metadata: { creationTimestamp: ports.timestamp() },
    status: { userInfo: userFields(request.user) },
  });
}

/** authentication/v1 UserInfo. */
function userFields(user: Requester): object {
  return {
    username: user.name,
    uid: user.uid,
    groups: user.groups,
    extra: Object.keys(user.extra ?? {}).length === 0 ? undefined : user.extra,
  };
}
