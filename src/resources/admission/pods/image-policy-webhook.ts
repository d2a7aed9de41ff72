/** Admission plug-in ImagePolicyWebhook: a service says which images may run. */
import { forbiddenError, type JsonObject } from '../../../api/index.ts';
import { type Clock, delay, errorMessage } from '../../../base/index.ts';
import type { AdmissionPlugin, WritePorts } from '../../ports.ts';
import { decodeText, encodeJson } from '../../stored/encoding.ts';
import { resourceOf } from '../../writing/metadata.ts';
import { boundedCache } from '../bounded-cache.ts';
import type { ImagePolicy } from '../configuration.ts';
import { type AdmissionRequest, isAbout } from '../request.ts';
import { annotationsOf, listOf, specOf } from './pod-spec.ts';

/** The answer of the service (ImageReviewStatus). */
interface ImageReviewStatus {
  readonly allowed: boolean;
  readonly reason: string;
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

interface Remembered {
  readonly status: ImageReviewStatus;
  readonly untilMs: number;
}

const trailPrefix = 'imagepolicywebhook.image-policy.k8s.io/';
const failedOpen = 'alpha.image-policy.k8s.io/failed-open';
const cacheBounds = { bytesMax: 8 * 1024 * 1024, entriesMax: 1024 };
/** Tries of one review, and how much longer each pause is than the one before. */
const triesMax = 5;
const pauseFactor = 1.5;

/**
 * Off unless the operator switches it on and says whom to ask. Asks about the images of new and changed pods and of
 * ephemeral containers; answers are remembered for their time.
 */
export function imagePolicyWebhook(policy: ImagePolicy, clock: Pick<Clock, 'monotonic'>): AdmissionPlugin {
  const remembered = boundedCache<Remembered>(cacheBounds);
  async function statusFor(spec: object, ports: WritePorts): Promise<ImageReviewStatus> {
    const key = JSON.stringify(spec);
    const known = remembered.get(key);
    if (known !== undefined && known.untilMs > clock.monotonic()) return known.status;
    const status = await askedStatus(policy, spec, ports);
    const keepMs = status.allowed ? policy.allowMs : policy.denyMs;
    if (keepMs > 0) remembered.set(key, { status, untilMs: clock.monotonic() + keepMs });
    return status;
  }
  return {
    name: 'ImagePolicyWebhook',
    validate(request, ports) {
      const spec = reviewSpec(request);
      return spec === undefined ? undefined : decide(request, () => statusFor(spec, ports), policy.defaultAllow);
    },
  };
}

async function decide(
  request: AdmissionRequest,
  ask: () => Promise<ImageReviewStatus>,
  defaultAllow: boolean,
): Promise<void> {
  const refuse = (reason: string): never => {
    throw forbiddenError(resourceOf(request.info), request.name, reason);
  };
  let status: ImageReviewStatus;
  try {
    status = await ask();
  } catch (error) {
    if (!defaultAllow) return refuse(errorMessage(error));
    request.annotate?.(`${trailPrefix}failed-open`, 'true');
    markFailedOpen(request.object ?? {});
    return;
  }
  for (const [key, value] of Object.entries(status.auditAnnotations)) request.annotate?.(`${trailPrefix}${key}`, value);
  if (status.allowed) return;
  refuse(
    status.reason === ''
      ? 'one or more images rejected by webhook backend'
      : `image policy webhook backend denied one or more images: ${status.reason}`,
  );
}

/** Notes on the pod that nobody has looked at its images, as Kubernetes does. */
function markFailedOpen(pod: JsonObject): void {
  const metadata = (pod['metadata'] ??= {}) as JsonObject;
  metadata['annotations'] = { ...annotationsOf(pod), [failedOpen]: 'true' };
}

/** What the service is told (ImageReviewSpec); undefined for writes that it has no say in. */
function reviewSpec(request: AdmissionRequest): object | undefined {
  const { operation, object, namespace } = request;
  if (object === undefined || (operation !== 'CREATE' && operation !== 'UPDATE')) return undefined;
  const ephemeral = isAbout(request, '', 'pods', 'ephemeralcontainers');
  if (!ephemeral && !isAbout(request, '', 'pods')) return undefined;
  const lists = ephemeral ? ['ephemeralContainers'] : ['containers', 'initContainers'];
  const containers = lists.flatMap((list) => listOf(specOf(object), list).map(({ image }) => ({ image })));
  const annotations = Object.entries(annotationsOf(object)).filter(([key]) => key.includes('.image-policy.k8s.io/'));
  return {
    containers,
    annotations: annotations.length === 0 ? undefined : Object.fromEntries(annotations),
    namespace,
  };
}

/** Asks until there is an answer, or tries have run out. Rejects with why there is none. */
async function askedStatus(policy: ImagePolicy, spec: object, { timers }: WritePorts): Promise<ImageReviewStatus> {
  const review = { apiVersion: 'imagepolicy.k8s.io/v1alpha1', kind: 'ImageReview', metadata: {}, spec };
  const body = encodeJson(review);
  for (let attempt = 1, pauseMs = policy.retryMs; ; attempt++, pauseMs *= pauseFactor) {
    try {
      const answer = await policy.post(body);
      if (!isPassing(answer.status) || attempt === triesMax) return parsedStatus(answer);
    } catch (error) {
      if (attempt === triesMax || error instanceof BadAnswer) throw error;
    }
    await delay(timers, pauseMs);
  }
}

/** Whether a later try may be answered better. */
function isPassing(status: number): boolean {
  return status === 429 || status >= 500;
}

/** The service has answered, but nothing that can be used: to ask again does not help. */
class BadAnswer extends Error {
  override readonly name = 'BadAnswer';
}

function parsedStatus(answer: { readonly status: number; readonly body: Uint8Array }): ImageReviewStatus {
  if (answer.status < 200 || answer.status > 299)
    throw new BadAnswer(`Error contacting webhook: ${String(answer.status)}`);
  let parsed: { readonly kind?: unknown; readonly status?: unknown } | null;
  try {
    parsed = JSON.parse(decodeText(answer.body)) as typeof parsed;
  } catch (error) {
    throw new BadAnswer(`the webhook answered no JSON: ${errorMessage(error)}`);
  }
  const status = (parsed?.status ?? {}) as Readonly<Record<string, unknown>>;
  if (parsed?.kind !== 'ImageReview') throw new BadAnswer('the webhook answered no ImageReview');
  const { allowed, reason, auditAnnotations } = status;
  const notes = Object.entries((auditAnnotations ?? {}) as Readonly<Record<string, unknown>>);
  return {
    allowed: allowed === true,
    reason: typeof reason === 'string' ? reason : '',
    auditAnnotations: Object.fromEntries(notes.filter((note): note is [string, string] => typeof note[1] === 'string')),
  };
}
