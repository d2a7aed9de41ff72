import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { homeAt, makeHome } from './home.ts';
import { defaultsFile } from './installation.ts';
import {
  forgetMember,
  membersOfMachines,
  natsOf,
  natsUrls,
  ownMember,
  plannedMembers,
  sharesPort,
  withoutRemoved,
} from './plan.ts';
import { planMembers } from './planning.ts';
import { loadSettings } from './settings.ts';
import { StartProblem } from './start-problem.ts';

const settings = loadSettings(defaultsFile(), '/nowhere/config.yaml');

function newHome(): ReturnType<typeof homeAt> {
  const home = homeAt(mkdtempSync(join(tmpdir(), 'troupe-plan-')));
  makeHome(home);
  return home;
}

test('members keep their names and ports from start to start, with and without the flag', async (t) => {
  const home = newHome();
  const first = await planMembers(home, settings, { members: 3 });
  t.deepEqual(
    first.map(({ name }) => name),
    ['member-1', 'member-2', 'member-3'],
  );
  t.is(new Set(first.flatMap(({ apiPort, natsPort, routePort }) => [apiPort, natsPort, routePort])).size, 9);
  t.deepEqual(await planMembers(home, settings, { members: 3 }), first);
  t.deepEqual(await planMembers(home, settings), first);
});

test('a removed member is not started again, and its number is not given to another', async (t) => {
  const home = newHome();
  const [one, , three] = await planMembers(home, settings, { members: 3 });
  forgetMember(home, 'member-2');
  t.deepEqual(await planMembers(home, settings), [one, three]);
  await t.throwsAsync(planMembers(home, settings, { members: 3 }), {
    instanceOf: StartProblem,
    message: /has 2 members/,
  });
});

test('the first member can be removed: the others keep their ports, and the next stands for the home', async (t) => {
  const home = newHome();
  const [, ...others] = await planMembers(home, settings, { members: 3 });
  forgetMember(home, 'member-1');
  t.deepEqual(await planMembers(home, settings), others);
  t.is(ownMember(home), 'member-2');
});

test('a member leaves the plan when its record goes, not because it has none yet', async (t) => {
  const plan = await planMembers(newHome(), settings, { members: 3 });
  const left = (met: readonly string[], recorded: readonly string[]): readonly string[] =>
    withoutRemoved(
      plan,
      new Set(met),
      recorded.map((name) => ({ name })),
    ).map(({ name }) => name);
  t.deepEqual(left([], ['member-2']), ['member-1', 'member-2', 'member-3']);
  t.deepEqual(left(['member-1', 'member-2'], ['member-2']), ['member-2', 'member-3']);
});

test('doors beside a member share its ports, come and go between starts, and go with it', async (t) => {
  const home = newHome();
  const names = (plan: readonly { readonly name: string }[]): readonly string[] => plan.map(({ name }) => name);
  const [member, ...doors] = await planMembers(home, settings, { doors: 3 });
  t.deepEqual(names(doors), ['member-1-door-2', 'member-1-door-3']);
  for (const door of doors)
    t.deepEqual(door, { ...member, name: door.name, role: 'replica', beside: 'member-1' } as typeof door);
  t.is((await planMembers(home, settings)).length, 3, 'as many as before');
  t.deepEqual(names(await planMembers(home, settings, { doors: 2 })), ['member-1', 'member-1-door-2']);
  t.deepEqual(await planMembers(home, settings, { doors: 1 }), []);
  t.deepEqual(names(plannedMembers(home)), ['member-1'], 'nothing is left of the doors');
  const many = newHome();
  await planMembers(many, settings, { members: 3, doors: 2 });
  forgetMember(many, 'member-2');
  t.deepEqual(names(plannedMembers(many)), ['member-1', 'member-3', 'member-1-door-2', 'member-3-door-2']);
  await t.throwsAsync(planMembers(many, settings, { members: 3 }), { message: /has 2 members/ });
});

test('a door has the NATS server of its member, and no route of its own', async (t) => {
  const plan = await planMembers(newHome(), settings, { members: 3, doors: 2 });
  const found = {
    endpoint: { host: '127.0.0.1', port: 1, token: 'x' },
    tls: { certificate: '', key: '', ca: '' },
  };
  t.deepEqual(natsOf(plan, 'member-2-door-2', found), {
    endpoint: { ...found.endpoint, port: plan.find(({ name }) => name === 'member-2')?.natsPort },
  });
  t.is(natsOf(plan, 'member-2', found).routes?.others.length, 2);
  t.is(natsUrls(plan, '127.0.0.1').length, 3);
  t.is(natsOf(await planMembers(newHome(), settings, { doors: 2 }), 'member-1', found).routes, undefined);
  const alone = membersOfMachines({ ...settings, address: '192.0.2.1' }, { name: 'm' });
  t.deepEqual(natsOf(alone, 'm', found).routes?.others, [], 'others may join');
  t.true(['member-1', 'member-1-door-2'].every((name) => sharesPort({ name, plan })));
});

test('a home without a plan has the one member that needs none', async (t) => {
  t.deepEqual(await planMembers(newHome(), settings), []);
});
