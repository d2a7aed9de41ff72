import test, { type ExecutionContext } from 'ava';
import { join } from 'node:path';
import { eventually, run, signalProcess } from './cluster.ts';
import { machinesProblem } from './machines.ts';
import { askAll } from './traffic/ask-all.ts';
import { type Cell, cells, type Facts, impossibleCells } from './traffic/cells.ts';
import { beginFlow, beginFlows, endAll, type LaneFlow, untilHeard, untilSilent } from './traffic/flows-of-lane.ts';
import { gateway, Lane } from './traffic/lane.ts';
import { ports } from './traffic/manifests.ts';
import { enforce, runPolicyCases } from './traffic/policies.ts';
import { wallPorts } from './traffic/policy-cases.ts';
import { askNames } from './traffic/names.ts';
import { sheet } from './traffic/sheet.ts';

/**
 * Every path to a pod, between three machines as users have them: Docker's own rules (it drops what it is not asked to
 * forward), its own seccomp profile, the bridge filtered as the kernel has it.
 */
const problem = machinesProblem();
let lane: Lane;
let facts: Facts;

test.before('three machines, and one outside', async (t) => {
  if (problem !== undefined) {
    t.log(`skipped: ${problem}`);
    return;
  }
  lane = await Lane.start();
  const { machines, pods, services } = lane;
  facts = {
    pods,
    services,
    machines: machines.all.map(({ address }) => address),
    outside: machines.outsideAddress,
    gateway,
  };
});
test.after.always('removed with everything that they made', async () => {
  await lane?.stop();
});

const needsMachines = problem === undefined ? test.serial : test.serial.skip;
if (problem !== undefined)
  test('machines are needed', (t) => {
    t.log(`skipped: ${problem}`);
    t.pass();
  });

needsMachines('the machines forward nothing by themselves', (t) => {
  for (const machine of lane.machines.all)
    t.regex(machine.run('iptables', ['-S', 'FORWARD']).stdout, /^-P FORWARD DROP$/m);
});

needsMachines(
  'every path leads where Kubernetes leads it, from the address that it shows, or is refused at once',
  async (t) => {
    const asked = cells(facts);
    const differing = await askAll(lane, asked, facts);
    t.log(sheet(asked, new Set(differing.keys())));
    t.log(['not possible:', ...impossibleCells].join('\n  '));
    t.deepEqual(
      [...differing].map(([id, how]) => `${id}: ${how}`),
      [],
    );
  },
);

needsMachines('a headless name leads to the pods that are ready, from every pod and every machine', async (t) => {
  t.deepEqual(await askNames(lane), []);
});

needsMachines('a NetworkPolicy lets through what it says, between machines and on one, and nothing else', async (t) => {
  const outcomes = await runPolicyCases(lane);
  t.log(outcomes.map(({ title, ms }) => `${title}: holds everywhere after ${ms} ms`).join('\n'));
  t.deepEqual(
    outcomes.flatMap(({ title, differing }) => differing.map((how) => `${title}: ${how}`)),
    [],
  );
});

needsMachines('a policy that comes cuts the flows that it does not let through, and no others', async (t) => {
  const wall = { address: lane.pods.get('wall-2') ?? '', port: wallPorts.first };
  const [friend, guest] = await Promise.all(['friend-1', 'guest-1'].map((place) => beginFlows(lane, place, wall)));
  if (friend === undefined || guest === undefined) throw new Error('there are two flows');
  await untilHeard([...friend, ...guest], 5_000);
  const from = [{ namespaceSelector: { matchLabels: { team: 'guests' } } }];
  enforce(lane, [{ podSelector: { matchLabels: { role: 'wall' } }, policyTypes: ['Ingress'], ingress: [{ from }] }]);
  t.log(`cut after ${await untilSilent(friend, 5_000)} ms`);
  enforce(lane, []);
  await endAll(friend);
  for (const { longestMs, opened } of await endAll(guest)) {
    t.true(longestMs < 1_000, `${longestMs} ms`);
    t.is(opened, 1);
  }
});

/** A part of the table that stands for it: one and two endpoints, with and without policies. */
const some = (): readonly Cell[] =>
  cells(facts).filter(
    ({ behind, settings, probe }) =>
      ['one', 'two', 's1', 's2'].includes(behind) && ['CC-', 'LL-', ''].includes(settings) && probe.protocol !== 'http',
  );

/** Until that part of the table is as expected. */
async function wholeAgain(t: ExecutionContext, what: string, withinMs: number): Promise<void> {
  const from = performance.now();
  const asked = some();
  let differing: ReadonlyMap<string, string> = new Map();
  const whole = async (): Promise<boolean> => {
    differing = await askAll(lane, asked, facts);
    return differing.size === 0;
  };
  await eventually('every path to be whole', whole, withinMs).catch((error: unknown) => {
    t.log(`${what}: differing`, Object.fromEntries(differing));
    throw error;
  });
  t.is(differing.size, 0);
  t.log(`${what}: whole after ${Math.round(performance.now() - from)} ms`);
}

/** Flows to the one endpoint on machine 1: by a cluster address and by node ports, on the same machine and across. */
async function flowsToOne(): Promise<readonly LaneFlow[]> {
  const [inside, nodePort] = [{ address: lane.services.get('v0') ?? '', port: 9000 }, 30_000];
  const flows = await Promise.all([
    beginFlows(lane, 'caller-1', inside),
    beginFlows(lane, 'caller-3', inside),
    beginFlows(lane, 'outside', { address: lane.machines.at(1).address, port: nodePort }),
    beginFlows(lane, 'outside', { address: lane.machines.at(3).address, port: nodePort }),
    // Only the endpoint sends: after a break its packets come first, and the machine must know whose they are.
    Promise.all(
      [1, 3].map((number) =>
        beginFlow(lane, 'outside', { over: 'told', address: lane.machines.at(number).address, port: nodePort }),
      ),
    ),
  ]);
  await untilHeard(flows.flat(), 5_000);
  return flows.flat();
}

needsMachines('flows go on while the agents die, and over a bridge that is made again', async (t) => {
  const flows = await flowsToOne();
  for (const { processes } of lane.machines.all) for (const id of processes) signalProcess(id);
  await eventually('the API to be back', () => lane.first.kubectl('get', 'nodes').status === 0);
  for (const flow of flows) {
    const { longestMs, opened } = await flow.state();
    t.true(longestMs < 1_000, `${longestMs} ms without an answer`);
    t.is(opened, 1);
  }
  lane.first.run('ip', ['link', 'del', bridge]);
  await untilSilent(flows, 5_000);
  t.log(`flows over a bridge that was removed: again after ${await untilHeard(flows, 30_000)} ms`);
  for (const { opened } of await endAll(flows)) t.is(opened, 1);
  await wholeAgain(t, 'the bridge', 30_000);
});

needsMachines('a segment outside of its connection neither gets there nor ends it', async (t) => {
  const [service, caller, endpoint] = [lane.services.get('v0'), lane.pods.get('caller-1'), lane.pods.get('s1')];
  if (service === undefined || caller === undefined || endpoint === undefined) throw new Error('there is a service');
  const flow = await beginFlow(lane, 'caller-1', { over: 'tcp', address: service, port: 9000 });
  await untilHeard([flow], 5_000);
  const stray = (space: string, ...args: string[]): string =>
    run('nsenter', [
      `--net=${space}`,
      'python3',
      join(import.meta.dirname, 'traffic/stray-segment.py'),
      'eth0',
      ...args,
    ]).stdout;
  t.is(stray(lane.spaceOf('caller-1', 1), service, '9000', 'dport'), 'sent\n');
  t.is(stray(lane.spaceOf('s1', 1), caller, String(ports.answer), 'sport'), 'sent\n');
  await untilHeard([flow], 5_000);
  const { opened, longestMs } = await flow.end();
  t.is(opened, 1);
  t.true(longestMs < 1_000, `${longestMs} ms without an answer`);
});

needsMachines('rules and routes that somebody flushed come back', async (t) => {
  for (const machine of lane.machines.all) {
    machine.run('iptables', ['-F', 'DOCKER-USER']);
    machine.run('nft', ['delete', 'table', 'ip', 'troupe_traffic']);
    machine.run('ip', ['route', 'flush', 'proto', '177']);
  }
  await wholeAgain(t, 'rules and routes', 30_000);
});

needsMachines('a node that is cut off is left out within seconds, and is whole again when it is back', async (t) => {
  const to = { address: lane.machines.at(1).address, port: 30_008 };
  const flows = await Promise.all([1, 2, 3, 4].map(() => beginFlow(lane, 'outside', { over: 'udp', ...to })));
  await untilHeard(flows, 5_000);
  lane.machines.at(2).plugged(false);
  await eventually('the endpoint to go', () => !readyEndpoints('v8').includes('s2'), 20_000);
  t.log(`flows of UDP are at the other endpoint after ${await untilHeard(flows, 10_000)} ms more`);
  await endAll(flows);
  // A connection that was open waits for its end, as in Kubernetes; every new one gets there.
  const ask = { id: 'cut off', protocol: 'tcp' as const, ...to, pods: 2, least: 12, most: 12, timeoutMs: 950 };
  // All flows may have been at that endpoint before, so they say nothing of the rules for what is new.
  await eventually(
    'what is new to get to the other endpoint alone',
    async () => {
      const { answers, failures } = await lane.prober('outside').ask(ask);
      return failures.length === 0 && answers.every(({ pod }) => pod === 's1');
    },
    10_000,
  );
  lane.machines.at(2).plugged(true);
  lane.machines.at(2).run('ip', ['route', 'add', 'default', 'via', lane.machines.outsideAddress]);
  await wholeAgain(t, 'a cable that is in again', 40_000);
});

needsMachines('what a node leads on goes on while its engine restarts, and its own pods run again', async (t) => {
  const machine = lane.machines.at(3);
  const flows = await beginFlows(lane, 'outside', { address: machine.address, port: 30_000 });
  await untilHeard(flows, 5_000);
  // It would keep the old network of the pod, with its address, on the bridge.
  lane.prober('caller-3').stop();
  await machine.restartEngine();
  for (const { longestMs, opened } of await endAll(flows)) {
    t.true(longestMs < 2_000, `${longestMs} ms without an answer`);
    t.is(opened, 1);
  }
  const address = lane.first.must('get', 'pod', 'caller-3', '-o', 'jsonpath={.status.podIP}');
  const once = { pods: 1, least: 1, most: 1, timeoutMs: 950 };
  const ask = { id: 'caller-3', protocol: 'tcp' as const, address, port: ports.answer, ...once };
  await eventually('its pod to answer', async () => (await lane.prober('s1').ask(ask)).answers.length > 0);
});

needsMachines('flows move on from an endpoint that dies', async (t) => {
  const to = [
    { place: 'caller-1', address: lane.services.get('v8') ?? '', port: 9008 },
    { place: 'outside', address: lane.machines.at(3).address, port: 30_008 },
  ];
  const flows = (await Promise.all([...to, ...to].map(({ place, ...more }) => beginFlows(lane, place, more)))).flat();
  await untilHeard(flows, 5_000);
  lane.first.must('delete', 'pod', 's2', '--grace-period=0', '--force');
  await eventually(
    'all flows to be at the other one',
    async () =>
      (await Promise.all(flows.map((flow) => flow.state()))).every(({ heard, pod }) => heard > 0 && pod === 's1'),
    10_000,
  );
  for (const { longestMs } of await endAll(flows)) t.true(longestMs < 5_000, `${longestMs} ms`);
});

const bridge = 'trp-traffic';
/** The pods behind a Service that are ready. */
const readyEndpoints = (service: string): string =>
  lane.first.must(
    'get',
    'endpointslices',
    '-l',
    `kubernetes.io/service-name=${service}`,
    '-o',
    'jsonpath={.items[*].endpoints[?(@.conditions.ready==true)].targetRef.name}',
  );
