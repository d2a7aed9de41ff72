import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { resources } from '../../../src/api/index.ts';
import { eventually, run } from '../cluster.ts';
import { csiProblem } from '../csi-driver.ts';
import { CrashWorld } from './crash-world.ts';
import { runCrashes } from './crashes.ts';

/** The node's agent and the example driver as processes, with real mounts and loop devices, and without an engine. */
const problem = csiProblem();
const seed = Math.floor(performance.timeOrigin) % 1_000_000;
const mebibyte = 1024 * 1024;

/** ext4 grows while it is mounted for those with CAP_SYS_RESOURCE (bit 24). */
const growsMounted =
  (BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`) & (1n << 24n)) !==
  0n;

function storageTest(title: string, body: (t: ExecutionContext) => Promise<void>): void {
  test.serial(title, async (t) => {
    if (problem === undefined) return body(t);
    t.log(`skipped: ${problem}`);
    t.pass();
  });
}

storageTest('agent and driver are killed under thirty pods: nothing leaks, nothing is mounted twice', async (t) => {
  const { problems, ...report } = await runCrashes({ pods: 30, seed, podsBetween: 6 });
  t.log(`seed ${seed}: ${JSON.stringify(report)}`);
  t.deepEqual(problems, []);
  t.is(report.pods, 30);
  t.true(report.ran > 15, 'most of them ran');
});

storageTest('a file system and a device grow under a pod that runs, and before the next one starts', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-growth-'));
  // The agent compares sizes every 20 s of its time.
  const world = new CrashWorld(folder, 40);
  const runs = (pod: string): Promise<boolean> =>
    eventually(`${pod} to run`, () => world.pod(pod)?.status?.phase === 'Running');
  const places = (pod: string): { readonly image: string; readonly block: string } => ({
    image: join(world.root, 'pods', `uid-${pod}`, 'volumes/kubernetes.io~csi/image-1/mount'),
    block: join(world.root, 'plugins/kubernetes.io/csi/volumeDevices/publish/block-1', `uid-${pod}`),
  });
  const deviceBytes = (path: string): number => Number(run('blockdev', ['--getsize64', path]).stdout);
  const fileSystemBytes = (path: string): number => statfsSync(path).blocks * statfsSync(path).bsize;
  const claimed = (name: string): string | undefined =>
    world.api.get<{ status: { capacity: { storage: string } } }>(resources.persistentVolumeClaims, 'crashes', name)
      ?.status.capacity.storage;
  const told = (): readonly string[] =>
    world.api.list<{ reason: string }>(resources.events).map(({ reason }) => reason);
  const grow = (bytes: number): void => {
    for (const name of ['image-1', 'block-1']) world.growVolume(name, bytes);
  };
  const use = (pod: string): void => world.addPod(pod, { claims: ['image-1', 'block-1'], inline: 0 });
  try {
    world.startDriver();
    world.startAgent();
    world.addVolume('image-1', 'image');
    world.addVolume('block-1', 'block');
    use('first');
    await runs('first');
    const { image, block } = places('first');
    t.is(deviceBytes(block), 8 * mebibyte);
    const before = fileSystemBytes(image);

    grow(24 * mebibyte);
    await eventually('the device to grow', () => deviceBytes(block) === 24 * mebibyte);
    await eventually('its claim to say so', () => claimed('block-1') === String(24 * mebibyte));
    if (growsMounted) {
      await eventually('the file system to grow', () => fileSystemBytes(image) > before + 8 * mebibyte);
      await eventually('its claim to say so', () => claimed('image-1') === String(24 * mebibyte));
    } else {
      t.log('without CAP_SYS_RESOURCE no mounted file system grows: the pod is told so');
      await eventually('the pod to be told', () => told().includes('VolumeResizeFailed'));
      t.is(claimed('image-1'), String(8 * mebibyte));
    }

    world.deletePod('first');
    await eventually('nothing to be left', () => world.left().length === 0);
    grow(32 * mebibyte);
    use('second');
    await runs('second');
    t.is(deviceBytes(places('second').block), 32 * mebibyte);
    t.true(fileSystemBytes(places('second').image) > before + 16 * mebibyte);
    await eventually('the claim to say so', () => claimed('image-1') === String(32 * mebibyte));
    t.deepEqual([...world.problems], []);
  } catch (error) {
    t.log(
      world.said(),
      world.api.list<{ message?: string }>(resources.events).map(({ message }) => message),
    );
    throw error;
  } finally {
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
