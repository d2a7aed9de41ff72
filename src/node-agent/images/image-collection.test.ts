import test from 'ava';
import { silentLogger } from '../../base/index.ts';
import { SimulatedTime } from '../../platform/index.ts';
import { NodeSettingError } from '../node-setting.ts';
import type { ContainerSummary, ImageFacts } from '../runtime/index.ts';
import { agedImages, bytesToFree, imageCollector, unusedImages } from './image-collection.ts';
import { imagePolicy, pullsMaxOf } from './image-policy.ts';

const image = (id: string, sizeBytes = 10): ImageFacts => ({
  id,
  references: [`${id}:1`],
  digests: [],
  sizeBytes,
  user: '',
  labels: {},
  createdAt: 0,
});
const ids = (images: readonly ImageFacts[]): string[] => images.map(({ id }) => id);
const use = (lastUsed: Readonly<Record<string, number>>, more: { used?: string[]; now?: number } = {}) => ({
  used: new Set(more.used),
  lastUsed: new Map(Object.entries(lastUsed)),
  firstSeen: new Map(Object.entries(lastUsed)),
  now: more.now ?? 1_000_000,
});

test('a disk below the high threshold stays as it is, one above it goes down to the low one', (t) => {
  const policy = imagePolicy({});
  t.is(bytesToFree({ totalBytes: 1000, freeBytes: 160 }, policy), 0);
  t.is(bytesToFree({ totalBytes: 1000, freeBytes: 150 }, policy), 50);
  t.is(bytesToFree({ totalBytes: 1000, freeBytes: 0 }, policy), 200);
  t.is(bytesToFree({ totalBytes: 0, freeBytes: 0 }, policy), 0);
  const never = imagePolicy({ imageGCHighThresholdPercent: 100 });
  t.is(bytesToFree({ totalBytes: 1000, freeBytes: 0 }, never), 0);
});

test('those unused longest go first, as many as are needed; used and young ones stay', (t) => {
  const images = ['new', 'used', 'old', 'older'].map((id) => image(id));
  const known = use({ new: 950_000, used: 0, old: 200_000, older: 100_000 }, { used: ['used'] });
  const chosen = (toFree: number): string[] => ids(unusedImages(images, known, { toFree, ageMsMin: 120_000 }));
  t.deepEqual(chosen(5), ['older']);
  t.deepEqual(chosen(11), ['older', 'old']);
  t.deepEqual(chosen(1000), ['older', 'old']);
  t.deepEqual(chosen(0), []);
});

test('what nobody has used for longer than the maximum age goes', (t) => {
  const images = ['fresh', 'stale', 'used'].map((id) => image(id));
  const known = use({ fresh: 900_000, stale: 100_000, used: 0 }, { used: ['used'] });
  t.deepEqual(ids(agedImages(images, known, 500_000)), ['stale']);
  t.deepEqual(ids(agedImages(images, known, 0)), []);
});

test('an image that a container has mounted as a volume is in use', async (t) => {
  const time = new SimulatedTime();
  const removed: string[] = [];
  const own = { 'troupe.volume-images': 'mounted,too' };
  const container: ContainerSummary = { id: 'c', labels: own, state: 'running', imageId: 'ours' };
  const collector = imageCollector({
    clock: time,
    log: silentLogger,
    policy: imagePolicy({ imageMinimumGCAge: '0s' }),
    disk: () => Promise.resolve({ totalBytes: 0, freeBytes: 0 }),
    fellShort: () => undefined,
    runtime: {
      summaries: () => Promise.resolve([container]),
      images: () => Promise.resolve(['ours', 'mounted', 'too', 'idle'].map((id) => image(id))),
      removeImage: (id) => {
        removed.push(id);
        return Promise.resolve();
      },
    },
  });
  await collector.collectAll();
  t.deepEqual(removed, ['idle']);
});

test('an image that another user of the engine holds does not keep the others', async (t) => {
  const time = new SimulatedTime();
  let images = [image('held'), image('idle'), image('ours')];
  const shortages: number[][] = [];
  const collector = imageCollector({
    clock: time,
    log: silentLogger,
    policy: imagePolicy({}),
    disk: () => Promise.resolve({ totalBytes: 1000, freeBytes: 0 }),
    fellShort: (...amounts) => shortages.push(amounts),
    runtime: {
      images: () => Promise.resolve(images),
      summaries: () => Promise.resolve([{ imageId: 'ours', labels: {} } as ContainerSummary]),
      removeImage: (id) => {
        if (id === 'held') return Promise.reject(new Error('image is being used'));
        images = images.filter((each) => each.id !== id);
        return Promise.resolve();
      },
    },
  });
  await collector.collect();
  t.is(images.length, 3, 'all are young');
  await time.run(121_000);
  await collector.collect();
  t.deepEqual(ids(images), ['held', 'ours']);
  t.deepEqual(shortages, [
    [200, 0],
    [200, 10],
  ]);
});

for (const [setting, settings] of [
  ['imageGCHighThresholdPercent', { imageGCHighThresholdPercent: 101 }],
  ['imageGCLowThresholdPercent', { imageGCLowThresholdPercent: 90 }],
  ['imageMinimumGCAge', { imageMinimumGCAge: 'long' }],
  ['imageMaximumGCAge', { imageMaximumGCAge: '1m' }],
] as const)
  test(`${setting} that makes no sense is refused`, (t) => {
    t.is(t.throws(() => imagePolicy(settings), { instanceOf: NodeSettingError })?.setting, setting);
  });

test('images are pulled one after the other where the settings say so', (t) => {
  t.is(pullsMaxOf({}), 3);
  t.is(pullsMaxOf({ maxParallelImagePulls: 7 }), 7);
  t.is(pullsMaxOf({ maxParallelImagePulls: 7, serializeImagePulls: true }), 1);
  t.throws(() => pullsMaxOf({ maxParallelImagePulls: 0 }), { instanceOf: NodeSettingError });
});
