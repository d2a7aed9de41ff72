import test from 'ava';
import type { JsonObject, KubeObject } from '../../../api/index.ts';
import { builtInCatalogue } from '../../catalogue.ts';
import type { WritePorts } from '../../ports.ts';
import { type Harness, startHarness, statusLine } from '../../testing/harness.ts';
import { alwaysPullImages } from './always-pull-images.ts';

const pods = '/api/v1/namespaces/default/pods';
const pod = (spec: object = {}): object => ({
  metadata: { name: 'p' },
  spec: {
    initContainers: [{ name: 'i', image: 'i:1', imagePullPolicy: 'Never' }],
    containers: [{ name: 'c', image: 'c:1', imagePullPolicy: 'IfNotPresent' }],
    ...spec,
  },
});

const switchedOn = (more: Partial<Harness> = {}): Promise<Harness> =>
  startHarness({ ...more, settings: { admissionPlugins: ['AlwaysPullImages'] } });

function pullPolicies(answer: KubeObject): readonly unknown[] {
  const { initContainers, containers } = answer.spec as Readonly<Record<string, JsonObject[]>>;
  return [...(initContainers ?? []), ...(containers ?? [])].map((container) => container['imagePullPolicy']);
}

test('pods keep their pull policies unless the plug-in is switched on', async (t) => {
  t.deepEqual(pullPolicies(await (await startHarness()).post(pods, pod())), ['Never', 'IfNotPresent']);
});

test('every container of a new pod pulls its image at each start', async (t) => {
  t.deepEqual(pullPolicies(await (await switchedOn()).post(pods, pod())), ['Always', 'Always']);
});

test('image volumes are pulled at each start', (t) => {
  const image: JsonObject = { reference: 'data:1', pullPolicy: 'Never' };
  const object: JsonObject = {
    spec: {
      containers: [],
      volumes: [
        { name: 'v', image },
        { name: 'w', emptyDir: {} },
      ],
    },
  };
  const info = builtInCatalogue.find('', 'v1', 'pods');
  if (info === undefined) throw new Error('pods are not served');
  const request = { operation: 'CREATE', info, subresource: '', namespace: 'default', name: 'p', object } as const;
  const whole = { ...request, old: undefined, user: { name: 'u', groups: [] }, dryRun: false, warn: () => undefined };
  t.throws(() => alwaysPullImages.validate?.(whole, {} as WritePorts), {
    message:
      'pods "p" is forbidden: spec.volumes[0].image.pullPolicy: Unsupported value: "Never": supported values: "Always"',
  });
  void alwaysPullImages.admit?.(whole, {} as WritePorts);
  t.is(image['pullPolicy'], 'Always');
  void alwaysPullImages.validate?.(whole, {} as WritePorts);
});

test('a change that brings no new image leaves the policies of an older pod', async (t) => {
  const before = await startHarness();
  await before.post(pods, pod());
  const h = await switchedOn({ store: before.store });
  const same = await h.patch(`${pods}/p`, 'merge', { metadata: { labels: { a: 'b' } } });
  t.deepEqual(pullPolicies(same), ['Never', 'IfNotPresent']);
});

test('a new image in an older pod that does not pull always is refused', async (t) => {
  const before = await startHarness();
  await before.post(pods, pod());
  const h = await switchedOn({ store: before.store });
  const containers = [{ name: 'c', image: 'c:2' }];
  t.regex(
    statusLine(await h.patch(`${pods}/p`, 'strategic', { spec: { containers } })),
    /^422 Invalid: .*pod updates/s,
  );
});
