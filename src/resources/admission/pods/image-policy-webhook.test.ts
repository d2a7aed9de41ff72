import test from 'ava';
import type { KubeObject } from '../../../api/index.ts';
import { type Harness, startHarness, statusLine } from '../../testing/harness.ts';
import { defaultAdmissionConfiguration, type ImagePolicy } from '../configuration.ts';

const pods = '/api/v1/namespaces/default/pods';
const pod = (name: string, image = 'good', annotations: object = {}): object => ({
  metadata: { name, annotations },
  spec: { initContainers: [{ name: 'i', image: 'init' }], containers: [{ name: 'c', image }] },
});

interface Asked {
  readonly spec: { readonly containers: readonly { readonly image: string }[]; readonly annotations?: object };
}

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const allowed = { kind: 'ImageReview', status: { allowed: true } };

/** A service that allows all images but `bad`. */
function service(): { readonly asked: Asked[]; readonly post: ImagePolicy['post'] } {
  const asked: Asked[] = [];
  return {
    asked,
    post: async (body) => {
      const review = JSON.parse(new TextDecoder().decode(body)) as Asked;
      asked.push(review);
      const bad = review.spec.containers.some(({ image }) => image === 'bad');
      const status = bad
        ? { allowed: false, reason: 'unsigned', auditAnnotations: { by: 'scanner' } }
        : { allowed: true };
      return { status: 200, body: json({ apiVersion: 'imagepolicy.k8s.io/v1alpha1', kind: 'ImageReview', status }) };
    },
  };
}

const asking = (post: ImagePolicy['post'], more: Partial<ImagePolicy> = {}): Promise<Harness> =>
  startHarness({
    settings: {
      admissionPlugins: ['ImagePolicyWebhook'],
      admission: {
        ...defaultAdmissionConfiguration,
        imagePolicy: { post, allowMs: 10_000, denyMs: 5_000, retryMs: 10, defaultAllow: false, ...more },
      },
    },
  });

/** The answer to a request that pauses between its tries. */
async function afterPauses(h: Harness, answer: Promise<KubeObject>): Promise<KubeObject> {
  await h.timers.pass(1_000);
  return await answer;
}

test('the service is told the images, the namespace and the annotations that are meant for it', async (t) => {
  const { asked, post } = service();
  const h = await asking(post);
  await h.post(pods, pod('p', 'good', { 'ticket.image-policy.k8s.io/break-glass': '7', other: 'x' }));
  t.deepEqual(asked[0]?.spec, {
    containers: [{ image: 'good' }, { image: 'init' }],
    annotations: { 'ticket.image-policy.k8s.io/break-glass': '7' },
    namespace: 'default',
  } as object);
});

test('a pod with an image that is not allowed is refused with the reason, and the trail has the notes', async (t) => {
  const h = await asking(service().post);
  const notes: string[] = [];
  const annotate = (key: string, value: string): void => void notes.push(`${key}=${value}`);
  t.is(
    statusLine(await h.post(pods, pod('p', 'bad'), { annotate })),
    '403 Forbidden: pods "p" is forbidden: image policy webhook backend denied one or more images: unsigned',
  );
  t.true(notes.includes('imagepolicywebhook.image-policy.k8s.io/by=scanner'));
});

test('answers are remembered for their time', async (t) => {
  const { asked, post } = service();
  const h = await asking(post);
  await h.post(pods, pod('a'));
  await h.post(pods, pod('b'));
  t.is(asked.length, 1);
  h.now += 10_001;
  await h.post(pods, pod('c'));
  t.is(asked.length, 2);
  await h.post(pods, pod('d', 'bad'));
  h.now += 5_001;
  await h.post(pods, pod('d', 'bad'));
  t.is(asked.length, 4);
});

test('a time of 0 remembers nothing', async (t) => {
  const { asked, post } = service();
  const h = await asking(post, { allowMs: 0 });
  await h.post(pods, pod('a'));
  await h.post(pods, pod('b'));
  t.is(asked.length, 2);
});

test('ephemeral containers are asked about, and nothing else of the pod then', async (t) => {
  const { asked, post } = service();
  const h = await asking(post);
  await h.post(pods, pod('p'));
  const ephemeralContainers = [{ name: 'debug', image: 'bad' }];
  const answer = await h.patch(`${pods}/p/ephemeralcontainers`, 'strategic', { spec: { ephemeralContainers } });
  t.is(statusLine(answer).slice(0, 3), '403');
  t.deepEqual(asked.at(-1)?.spec.containers, [{ image: 'bad' }]);
});

test('without an answer pods are refused, after some tries', async (t) => {
  let tries = 0;
  const h = await asking(async () => {
    tries++;
    throw new Error('connection refused');
  });
  const answer = await afterPauses(h, h.post(pods, pod('p')));
  t.is(statusLine(answer), '403 Forbidden: pods "p" is forbidden: connection refused');
  t.is(tries, 5);
});

test('a passing failure is tried again, and an answer that is none is not', async (t) => {
  const codes = [503, 200];
  const h = await asking(async () => ({ status: codes.shift() ?? 500, body: json(allowed) }));
  t.is((await afterPauses(h, h.post(pods, pod('p')))).kind, 'Pod');
  let tries = 0;
  const odd = await asking(async () => {
    tries++;
    return { status: 200, body: json({ kind: 'Status' }) };
  });
  t.regex(statusLine(await odd.post(pods, pod('p'))), /the webhook answered no ImageReview/);
  t.is(tries, 1);
});

test('with defaultAllow a pod comes without an answer, and is marked', async (t) => {
  const h = await asking(async () => ({ status: 403, body: json({}) }), { defaultAllow: true });
  const notes: string[] = [];
  const annotate = (key: string, value: string): void => void notes.push(`${key}=${value}`);
  await h.post(pods, pod('p'), { annotate });
  t.deepEqual((await h.get(`${pods}/p`)).metadata.annotations, { 'alpha.image-policy.k8s.io/failed-open': 'true' });
  t.true(notes.includes('imagepolicywebhook.image-policy.k8s.io/failed-open=true'));
});
