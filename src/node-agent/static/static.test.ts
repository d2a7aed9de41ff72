import test from 'ava';
import { type Pod, resources } from '../../api/index.ts';
import { pass, type World, world } from '../agent.fixture.ts';
import { mirrorOf, staticPod, uidOnNode } from './static-pod.ts';

const text = (image = 'web:1'): string => `apiVersion: v1
kind: Pod
metadata: { name: keeper, namespace: shop, labels: { app: keeper } }
spec: { containers: [{ name: main, image: "${image}" }] }
`;
const folder = '/manifests';
const write = (w: World, file: string, content: string): Promise<void> =>
  w.machine.files.write(`${folder}/${file}`, content, 0o644);
const mirror = (w: World): Pod | undefined => w.api.get<Pod>(resources.pods, 'shop', 'keeper-node-1');
const start = async (t: Parameters<typeof world>[0]): Promise<World> => {
  const w = await world(t, { images: ['web:1', 'web:2'] }, { staticPodPath: folder });
  await pass(w.time, 100);
  return w;
};

test('a file becomes a pod of the node: its name, its place, its defaults, a uid that its text decides', (t) => {
  const place = { node: 'node-1', file: 'keeper.yaml' };
  const pod = staticPod(text(), place);
  t.like(pod, {
    metadata: { name: 'keeper-node-1', namespace: 'shop', annotations: { 'kubernetes.io/config.source': 'file' } },
    spec: { nodeName: 'node-1', restartPolicy: 'Always', tolerations: [{ operator: 'Exists', effect: 'NoExecute' }] },
  });
  t.is(staticPod(text(), place).metadata.uid, pod.metadata.uid);
  t.not(staticPod(text('web:2'), place).metadata.uid, pod.metadata.uid);
  t.not(staticPod(text(), { ...place, node: 'node-2' }).metadata.uid, pod.metadata.uid);
  const shown = mirrorOf(pod, { name: 'node-1', uid: 'n1' }) as Pod;
  t.is(uidOnNode(shown), pod.metadata.uid);
  t.like(shown.metadata.ownerReferences?.[0], { kind: 'Node', name: 'node-1', uid: 'n1', controller: true });
});

test('what describes no pod is an error that says why', (t) => {
  const place = { node: 'node-1', file: 'f' };
  t.throws(() => staticPod('kind: Pod\napiVersion: v1\nmetadata: {name: a}\nspec: {containers: []}\n', place), {
    message: /spec\.containers: Required value/,
  });
  t.throws(() => staticPod(text().replace('image:', 'imaeg:'), place), { message: /unknown field/ });
  t.throws(() => staticPod('a: [', place));
});

test('a static pod runs, its mirror shows it, and who deletes the mirror deletes nothing else', async (t) => {
  const w = await start(t);
  await write(w, 'keeper.yaml', text());
  await pass(w.time, 3_000);
  const first = mirror(w);
  t.is(first?.status.phase, 'Running');
  const id = first?.status.containerStatuses?.[0]?.containerID;
  w.api.remove(resources.pods, 'shop', 'keeper-node-1');
  await pass(w.time, 3_000);
  const second = mirror(w);
  t.not(second?.metadata.uid, first?.metadata.uid);
  t.is(second?.status.containerStatuses?.[0]?.containerID, id, 'the same container, shown by a new mirror');
});

test('another text ends the pod and starts the next; without its file a pod ends, and its mirror goes', async (t) => {
  const w = await start(t);
  await write(w, 'keeper.yaml', text());
  await pass(w.time, 3_000);
  const before = mirror(w);
  await write(w, 'keeper.yaml', text('web:2'));
  await pass(w.time, 6_000);
  const after = mirror(w);
  t.is(after?.status.phase, 'Running');
  t.is(after?.spec.containers[0]?.image, 'web:2');
  t.not(uidOnNode(after as Pod), uidOnNode(before as Pod));
  await write(w, 'keeper.yaml', 'a: [');
  await pass(w.time, 3_000);
  t.is(mirror(w)?.metadata.uid, after?.metadata.uid, 'a file that makes no sense changes nothing');
  await w.machine.files.remove(`${folder}/keeper.yaml`);
  await pass(w.time, 6_000);
  t.is(mirror(w), undefined);
  t.deepEqual(await w.runtime.list({ 'troupe.cluster': 'test', 'troupe.role': 'container' }), []);
});

test('an agent that starts again adopts its static pods', async (t) => {
  const w = await start(t);
  await write(w, 'keeper.yaml', text());
  await pass(w.time, 3_000);
  const before = mirror(w);
  await w.restart();
  await pass(w.time, 3_000);
  t.is(mirror(w)?.metadata.uid, before?.metadata.uid);
  t.is(mirror(w)?.status.containerStatuses?.[0]?.containerID, before?.status.containerStatuses?.[0]?.containerID);
  t.is(mirror(w)?.status.containerStatuses?.[0]?.restartCount, 0);
});
