import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { homeAt, makeHome } from './home.ts';
import { defaultsFile } from './installation.ts';
import { forgetMember, ownMember, planMembers, withoutRemoved } from './plan.ts';
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
  const first = await planMembers(home, settings, 3);
  t.deepEqual(
    first.map(({ name }) => name),
    ['member-1', 'member-2', 'member-3'],
  );
  t.is(new Set(first.flatMap(({ apiPort, natsPort, routePort }) => [apiPort, natsPort, routePort])).size, 9);
  t.deepEqual(await planMembers(home, settings, 3), first);
  t.deepEqual(await planMembers(home, settings), first);
});

test('a removed member is not started again, and its number is not given to another', async (t) => {
  const home = newHome();
  const [one, , three] = await planMembers(home, settings, 3);
  forgetMember(home, 'member-2');
  t.deepEqual(await planMembers(home, settings), [one, three]);
  await t.throwsAsync(planMembers(home, settings, 3), { instanceOf: StartProblem, message: /has 2 members/ });
});

test('the first member can be removed: the others keep their ports, and the next stands for the home', async (t) => {
  const home = newHome();
  const [, ...others] = await planMembers(home, settings, 3);
  forgetMember(home, 'member-1');
  t.deepEqual(await planMembers(home, settings), others);
  t.is(ownMember(home), 'member-2');
});

test('a member leaves the plan when its record goes, not because it has none yet', async (t) => {
  const plan = await planMembers(newHome(), settings, 3);
  const left = (met: readonly string[], recorded: readonly string[]): readonly string[] =>
    withoutRemoved(
      plan,
      new Set(met),
      recorded.map((name) => ({ name })),
    ).map(({ name }) => name);
  t.deepEqual(left([], ['member-2']), ['member-1', 'member-2', 'member-3']);
  t.deepEqual(left(['member-1', 'member-2'], ['member-2']), ['member-2', 'member-3']);
});

test('a home without a plan has the one member that needs none', async (t) => {
  t.deepEqual(await planMembers(newHome(), settings), []);
});
