/**
 * Kinds that are questions: access reviews and token reviews. They are created, answered and forgotten; nothing reaches
 * the store. Texts and fields are those of authorization.k8s.io/v1 and authentication.k8s.io/v1.
 */
import type { KubeObject } from '../../api/index.ts';
import {
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  subjectAccessReview,
} from './access-reviews.ts';
import { selfSubjectReview, tokenReview } from './authentication-reviews.ts';
import type { ReviewPorts, ReviewRequest } from './review-options.ts';

export { type ReviewPorts } from './review-options.ts';

type Review = (ports: ReviewPorts, request: ReviewRequest) => KubeObject | Promise<KubeObject>;

const reviews: Readonly<Record<string, Review>> = {
  'authentication.k8s.io/selfsubjectreviews': selfSubjectReview,
  'authentication.k8s.io/tokenreviews': tokenReview,
  'authorization.k8s.io/localsubjectaccessreviews': localSubjectAccessReview,
  'authorization.k8s.io/selfsubjectaccessreviews': selfSubjectAccessReview,
  'authorization.k8s.io/selfsubjectrulesreviews': selfSubjectRulesReview,
  'authorization.k8s.io/subjectaccessreviews': subjectAccessReview,
};

const groups: ReadonlySet<string> = new Set(Object.keys(reviews).map((key) => key.slice(0, key.indexOf('/'))));

/** What answers creations of this resource; undefined for resources that are stored. */
export function reviewOf(resource: { readonly group: string; readonly resource: string }): Review | undefined {
  return groups.has(resource.group) ? reviews[`${resource.group}/${resource.resource}`] : undefined;
}
