import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { testImage } from './busybox-image.fixture.ts';
import { type ContainerSpec, RuntimeError } from './index.ts';
import { labels, networkOf, nextEvent, run, spec, subjects, text } from './runtime-subjects.fixture.ts';

/**
 * One suite for every adapter of the runtime port. The programs are those that each adapter can run: sleep, a line and
 * an exit code.
 */

/** Shows the limits of a container's own control group, of either version. */
const controlGroup = `cd /sys/fs/cgroup
cat memory.max 2>/dev/null || cat memory/memory.limit_in_bytes
cat cpu.max 2>/dev/null || echo $(cat cpu/cpu.cfs_quota_us) $(cat cpu/cpu.cfs_period_us)`;

for (const { name, runtime } of subjects) {
  const title = (text: string): string => `${name}: ${text}`;
  const network = networkOf(name);
  const made = async (t: ExecutionContext, container: ContainerSpec): Promise<string> => {
    const id = await runtime.create(container);
    t.teardown(() => runtime.remove(id));
    return id;
  };

  test.serial(
    title('a container gets other limits while it runs, as its control group says, unless it is gone'),
    async (t) => {
      const id = await made(t, spec('resized', 'sleep 1000', { resources: { memoryBytes: 96 * 2 ** 20 } }));
      await runtime.start(id);
      const before = await runtime.inspect(id);
      for (const [mebibytes, quota] of [
        [64, 50_000],
        [128, 150_000],
      ] as const) {
        const memoryBytes = mebibytes * 2 ** 20;
        await runtime.update(id, { cpuShares: 512, cpuPeriodUs: 100_000, cpuQuotaUs: quota, memoryBytes });
        const options = { stdin: false, stdout: true, stderr: false, terminal: false };
        const session = await runtime.exec(id, { command: ['sh', '-c', controlGroup], ...options });
        const said = await text(session.output);
        // The simulated one has no control groups.
        if (name !== 'simulated') t.is(said, `${memoryBytes}\n${quota} 100000\n`);
      }
      const { state, startedAt, processId } = (await runtime.inspect(id)) ?? {};
      t.deepEqual([state, startedAt, processId], ['running', before?.startedAt, before?.processId]);
      await runtime.remove(id);
      await t.throwsAsync(runtime.update(id, { cpuShares: 2 }), { message: /no such container/i });
    },
  );

  test.serial(title('a container runs on the processors that it is given, and on others when told so'), async (t) => {
    const id = await made(t, spec('placed', 'sleep 1000', { resources: { cpus: '0' } }));
    await runtime.start(id);
    const processors = async (): Promise<string> => {
      const options = { stdin: false, stdout: true, stderr: false, terminal: false };
      const command = ['sh', '-c', 'grep Cpus_allowed_list /proc/1/status'];
      return text((await runtime.exec(id, { command, ...options })).output);
    };
    const last = cpus().length - 1;
    // The simulated one has no processes.
    if (name !== 'simulated') t.is(await processors(), 'Cpus_allowed_list:\t0\n');
    await runtime.update(id, { cpus: String(last) });
    if (name !== 'simulated') t.is(await processors(), `Cpus_allowed_list:\t${last}\n`);
    t.is((await runtime.inspect(id))?.state, 'running');
  });

  test.serial(title('a container is stopped with the signal that it names, and killed after its time'), async (t) => {
    const stopped = async (stopSignal: string, handled: number): Promise<number | undefined> => {
      const script = `trap "exit 7" ${handled}; echo ready; while :; do sleep 0.1; done`;
      const id = await made(t, spec(`stop-${handled}`, script, { stopSignal }));
      await runtime.start(id);
      // The simulated one runs no scripts.
      if (name === 'simulated') return runtime.stop(id, 2000).then(() => 7);
      for await (const _ready of await runtime.logs(id, { follow: true, timestamps: false })) break;
      t.true(await runtime.stop(id, 2000));
      return (await runtime.inspect(id))?.exitCode;
    };
    t.is(await stopped('SIGUSR1', 10), 7);
    t.is(await stopped('SIGRTMIN+3', 37), 7);
    if (name !== 'simulated') t.is(await stopped('SIGWINCH', 12), 137);
  });

  test.serial(title('a container sees the files of an image, or is told that the engine cannot do that'), async (t) => {
    const source = (await runtime.image(testImage))?.id ?? '';
    const mounts = [{ source, target: '/image', readOnly: true, image: true as const }];
    const script = 'ls /image/bin/sh; touch /image/x 2>/dev/null || echo read-only';
    try {
      const id = await made(t, spec('image-volume', script, { mounts }));
      await runtime.start(id);
      // The simulated one runs no scripts.
      if (name === 'simulated') t.is((await runtime.inspect(id))?.state, 'running');
      else t.is(await text(await runtime.logs(id, { follow: true, timestamps: false })), '/image/bin/sh\nread-only\n');
    } catch (error) {
      // Docker before 28, containerd before 2.1.
      t.true(name === 'docker' || name === 'containerd', String(error));
      t.true(error instanceof RuntimeError && error.code === 'invalid', String(error));
      t.log(String(error));
    }
  });

  test.serial(title('a container is created, started, seen by its labels, stopped and removed'), async (t) => {
    const id = await made(t, spec('life', 'sleep 1000'));
    t.is((await runtime.inspect(id))?.state, 'created');
    await runtime.start(id);
    await runtime.start(id);
    const running = await runtime.inspect(id);
    t.is(running?.state, 'running');
    t.truthy(running?.startedAt);
    t.deepEqual(
      (await runtime.list({ 'test.name': 'life' })).map((each) => each.id),
      [id],
    );
    t.deepEqual(
      (await runtime.summaries({ 'test.name': 'life' })).map((each) => each.id),
      [id],
    );
    t.like((await runtime.summaries({ 'test.name': 'life' }))[0], { state: 'running', imageId: running?.imageId });
    t.true(await runtime.stop(id, 0));
    const ended = await runtime.inspect(id);
    t.is(ended?.state, 'exited');
    t.true((ended?.exitCode ?? 0) > 0);
    t.true(await runtime.stop(id, 0), 'it has ended already');
    await runtime.remove(id);
    await runtime.remove(id);
    t.is(await runtime.inspect(id), undefined);
    t.false(await runtime.stop(id, 0));
  });

  test.serial(title('an end is told as an event with its exit code, and the log is kept'), async (t) => {
    const { seen, ready } = nextEvent(runtime, 'exited', 'ends');
    await ready;
    const id = await made(t, spec('ends', 'echo one; echo two; exit 3'));
    await runtime.start(id);
    const event = await seen;
    t.like(event, { type: 'exited', id, exitCode: 3 });
    t.is((await runtime.inspect(id))?.exitCode, 3);
    t.is(await text(await runtime.logs(id, { follow: true, timestamps: false })), 'one\ntwo\n');
    t.is(await text(await runtime.logs(id, { follow: false, timestamps: false, tailLines: 1 })), 'two\n');
    t.regex(
      await text(await runtime.logs(id, { follow: false, timestamps: true, tailLines: 1 })),
      /^\d{4}-\d\d-\d\dT[\d:.]+Z two\n$/,
    );
  });

  test.serial(title('a container runs with its seccomp profile and its limit of processes'), async (t) => {
    const denied = { syscalls: [{ names: ['chmod', 'fchmodat', 'fchmodat2'], action: 'SCMP_ACT_ERRNO' }] };
    const profile = JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', ...denied });
    const plain = spec('confined', '');
    // The second path is cgroup v1's.
    const limit = 'cat /sys/fs/cgroup/pids.max || cat /sys/fs/cgroup/pids/pids.max';
    const id = await made(t, {
      ...spec('confined', `chmod 700 /tmp && exit 9; [ "$(${limit})" = 64 ] || exit 8; exit 3`),
      security: { ...plain.security, seccomp: profile },
      resources: { processesMax: 64 },
    });
    const { seen, ready } = nextEvent(runtime, 'exited', 'confined');
    await ready;
    await runtime.start(id);
    if (name === 'simulated') await runtime.kill(id, 'SIGKILL');
    const { exitCode } = (await seen) as { readonly exitCode?: number };
    t.is(exitCode, name === 'simulated' ? 137 : 3);
  });

  test.serial(title('an exec answers its output and exit code'), async (t) => {
    const id = await made(t, spec('exec', 'sleep 1000'));
    await runtime.start(id);
    const session = await runtime.exec(id, {
      command: ['sh', '-c', 'echo hello; exit 7'],
      stdin: false,
      stdout: true,
      stderr: true,
      terminal: false,
    });
    t.is(await text(session.output), 'hello\n');
    t.is(await session.exitCode(), 7);
  });

  test.serial(
    title('an attached container gives its output from now on, and takes input where it has any'),
    async (t) => {
      const id = await made(
        t,
        spec('attach', 'while read line; do echo "got $line"; done', { stdin: true, stdinOnce: true }),
      );
      await runtime.start(id);
      const session = await runtime.attach(id, { stdin: true, stdout: true, stderr: true, terminal: false });
      await session.write(Buffer.from('a line\n'));
      session.endInput();
      if (name === 'simulated') session.close();
      t.is(await text(session.output), name === 'simulated' ? '' : 'got a line\n');
    },
  );

  test.serial(title('nobody is attached to a container that has ended'), async (t) => {
    const id = await made(t, spec('ended', 'exit 0'));
    const { seen, ready } = nextEvent(runtime, 'exited', 'ended');
    await ready;
    await runtime.start(id);
    if (name === 'simulated') await runtime.kill(id, 'SIGKILL');
    await seen;
    const streams = { stdin: false, stdout: true, stderr: true, terminal: false };
    await t.throwsAsync(runtime.attach(id, streams), { instanceOf: RuntimeError });
  });

  test.serial(title('a log that is followed ends when its reader closes it'), async (t) => {
    const id = await made(t, spec('follow', 'sleep 1000'));
    await runtime.start(id);
    const output = await runtime.logs(id, { follow: true, timestamps: false });
    const all = text(output);
    output.close();
    t.is(await all, '');
  });

  test.serial(title('a taken name, a missing image and a missing program have their codes'), async (t) => {
    const id = await made(t, spec('taken', 'sleep 1000'));
    t.truthy(id);
    await t.throwsAsync(runtime.create(spec('taken', 'sleep 1')), { instanceOf: RuntimeError, code: 'conflict' });
    await t.throwsAsync(runtime.create(spec('no-image', 'sleep 1', { image: 'troupe-test/absent:1' })), {
      instanceOf: RuntimeError,
      code: 'image-not-found',
    });
    const bad = await made(t, spec('missing', '', { entrypoint: ['/missing'] }));
    await t.throwsAsync(runtime.start(bad), { instanceOf: RuntimeError, code: 'cannot-run' });
    t.is((await runtime.inspect(bad))?.state, 'exited');
  });

  test.serial(title('a sandbox holds namespaces that containers join'), async (t) => {
    const image = await runtime.sandboxImage();
    t.truthy(await runtime.image(image));
    const group = `${run}-sandbox`;
    const { entrypoint: _none, ...plain } = spec('sandbox', '', { image, group });
    const sandbox = await made(t, plain);
    await runtime.start(sandbox);
    const joined = await made(
      t,
      spec('joined', 'sleep 1000', {
        network: { type: 'container', id: sandbox },
        ipc: { container: sandbox },
        pid: { container: sandbox },
        group,
      }),
    );
    await runtime.start(joined);
    t.is((await runtime.inspect(joined))?.state, 'running');
    const options = { stdin: false, stdout: true, stderr: false, terminal: false };
    const session = await runtime.exec(joined, { command: ['hostname'], ...options });
    const said = await text(session.output);
    // The simulated one says the same whatever it is asked.
    t.is(said, name === 'simulated' ? 'hello\n' : 'suite\n');
    await runtime.kill(sandbox, 'SIGKILL');
  });

  test.serial(title('a sandbox and what has joined it are removed at the same time, and twice'), async (t) => {
    const image = await runtime.sandboxImage();
    const own = { ...labels, 'troupe.pod.uid': `${run}-together`, 'test.name': 'together' };
    const { entrypoint: _none, ...plain } = spec('together', '', { image, group: 'together' });
    const sandbox = await made(t, { ...plain, labels: { ...own, 'troupe.role': 'sandbox' } });
    await runtime.start(sandbox);
    const joined = ['one', 'two'].map((each) =>
      made(
        t,
        spec(`together-${each}`, 'sleep 1000', {
          labels: { ...own, 'troupe.role': 'container', 'troupe.container': each },
          network: { type: 'container', id: sandbox },
          ipc: { container: sandbox },
          group: 'together',
        }),
      ),
    );
    const ids = [sandbox, ...(await Promise.all(joined))];
    for (const id of ids.slice(1)) await runtime.start(id);
    await Promise.all([...ids, ...ids].map((id) => runtime.remove(id)));
    t.deepEqual(await runtime.summaries({ 'test.name': 'together' }), []);
  });

  test.serial(
    title('what has ended keeps its log when its sandbox goes, and the last of it leaves nothing'),
    async (t) => {
      const image = await runtime.sandboxImage();
      const own = { ...labels, 'troupe.pod.uid': `${run}-kept`, 'test.name': 'kept' };
      const { entrypoint: _none, ...plain } = spec('kept', '', { image, group: 'kept' });
      const sandbox = await made(t, { ...plain, labels: { ...own, 'troupe.role': 'sandbox' } });
      await runtime.start(sandbox);
      const ended = ['one', 'two'].map((each) =>
        made(
          t,
          spec(`kept-${each}`, 'echo one; echo two; exit 3', {
            labels: { ...own, 'troupe.role': 'container', 'troupe.container': each },
            network: { type: 'container', id: sandbox },
            ipc: { container: sandbox },
            group: 'kept',
          }),
        ),
      );
      const ids = await Promise.all(ended);
      for (const id of ids) {
        await runtime.start(id);
        for await (const _line of await runtime.logs(id, { follow: true, timestamps: false }));
      }
      await runtime.remove(sandbox);
      t.not((await runtime.inspect(sandbox))?.state, 'running');
      for (const id of ids) {
        t.like(await runtime.inspect(id), { state: 'exited', exitCode: 3 });
        t.is(await text(await runtime.logs(id, { follow: true, timestamps: false })), 'one\ntwo\n');
      }
      await Promise.all(ids.map((id) => runtime.remove(id)));
      t.deepEqual(await runtime.summaries({ 'test.name': 'kept' }), []);
    },
  );

  test.serial(
    title('a container gets the devices that the engine finds by CDI, or is told that it cannot'),
    async (t) => {
      mkdirSync('/var/run/cdi', { recursive: true });
      const file = `/var/run/cdi/troupe-${run}.json`;
      const kind = `suite${process.pid}.troupe.local/zero`;
      const deviceNodes = [{ path: '/dev/suite-zero', hostPath: '/dev/zero' }];
      const devices = [{ name: 'a', containerEdits: { deviceNodes, env: ['FROM_CDI=yes'] } }];
      writeFileSync(file, JSON.stringify({ cdiVersion: '0.5.0', kind, devices }));
      t.teardown(() => {
        rmSync(file, { force: true });
      });
      const script = 'head -c 3 /dev/suite-zero | wc -c; echo $FROM_CDI';
      const wanted = spec('cdi', script, { cdiDevices: [`${kind}=a`] });
      try {
        const id = await made(t, wanted);
        await runtime.start(id);
        // The simulated one runs no scripts.
        if (name === 'simulated') t.is((await runtime.inspect(id))?.state, 'running');
        else t.is(await text(await runtime.logs(id, { follow: true, timestamps: false })), '3\nyes\n');
      } catch (error) {
        // Docker only has them where its settings say so.
        t.is(name, 'docker', String(error));
        t.regex(String(error), /cdi/i);
        t.log(String(error));
      }
    },
  );

  test.serial(title('what a container writes to its own layer and its log is measured'), async (t) => {
    const id = await made(t, spec('writes', 'dd if=/dev/zero of=/big bs=1024 count=1024; echo done; sleep 1000'));
    await runtime.start(id);
    // The simulated engine's containers write nothing.
    const least = name === 'simulated' ? 0 : 2 ** 20;
    let bytes = await runtime.storageBytes(id);
    for (let tries = 0; (bytes ?? -1) < least && tries < 100; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      bytes = await runtime.storageBytes(id);
    }
    t.true(bytes !== undefined && bytes >= least && bytes < 2 * 2 ** 20, String(bytes));
    t.is(await runtime.storageBytes('gone'), undefined);
  });

  test.serial(title('a sandbox image that somebody removed is made again'), async (t) => {
    const image = await runtime.sandboxImage();
    await runtime.removeImage(image);
    runtime.forgetSandboxImage();
    t.truthy(await runtime.image(await runtime.sandboxImage()));
  });

  test.serial(title("folders that hold the engine's own are mounted without a word on propagation"), async (t) => {
    for (const source of ['/', '/var', '/var/lib']) {
      const mounts = [{ source, target: '/host', readOnly: true, propagation: 'private' as const }];
      const id = await made(t, spec(`host${source.replaceAll('/', '-')}`, 'sleep 1000', { mounts }));
      await runtime.start(id);
      t.is((await runtime.inspect(id))?.state, 'running', source);
    }
  });

  test.serial(title('a network that pods are linked to keeps its range, an empty one may get another'), async (t) => {
    const [subnet, gateway] = [network.subnet, network.gateway ?? ''].map((text) => text.replace('10.251.', '10.250.'));
    const moved = { ...network, subnet, gateway };
    const pod = await made(
      t,
      spec('linked', 'sleep 1000', { labels: { ...labels, 'test.name': 'linked', 'troupe.link': 'vethp1' } }),
    );
    await runtime.start(pod);
    await t.throwsAsync(runtime.ensureNetwork(moved), { instanceOf: RuntimeError, code: 'conflict' });
    await runtime.remove(pod);
    await runtime.ensureNetwork(moved);
  });

  test.serial(title('a network of another cluster of the same name is neither used nor removed'), async (t) => {
    const theirs = { ...network, labels: { ...network.labels, 'troupe.cluster-id': 'aaaa' } };
    const ours = { ...network, labels: { ...network.labels, 'troupe.cluster-id': 'bbbb' } };
    await runtime.removeNetwork(network.name, network.labels);
    await runtime.ensureNetwork(theirs);
    const pod = await made(t, spec('theirs', 'sleep 1000', { labels: { ...theirs.labels, 'troupe.link': 'vethp1' } }));
    await runtime.start(pod);
    await t.throwsAsync(runtime.ensureNetwork(ours), {
      instanceOf: RuntimeError,
      code: 'conflict',
      message: /another/,
    });
    t.false(await runtime.removeNetwork(network.name, ours.labels));
    await runtime.remove(pod);
    await runtime.ensureNetwork(ours);
    t.false(await runtime.removeNetwork(network.name, theirs.labels));
    t.true(await runtime.removeNetwork(network.name, ours.labels));
  });
}
