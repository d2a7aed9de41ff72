import test from 'ava';
import { actorPattern } from './actor-pattern.ts';

/** Pattern, addresses that fit, addresses that do not. */
const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['scheduler', ['scheduler', 'scheduler/one'], ['schedulers', 'a/scheduler']],
  [
    'deployment-controller/*',
    ['deployment-controller/3', 'deployment-controller/3/default/web'],
    ['deployment-controller'],
  ],
  ['*/3', ['pods/3', 'pods/3/x'], ['pods/x/3']],
  ['**/web', ['a/b/web', 'a/web/c'], ['web', 'a/webs']],
  ['a.b', ['a.b'], ['axb']],
];

for (const [pattern, fits, others] of cases) {
  test(`the pattern ${pattern} fits addresses and what is below them`, (t) => {
    const matches = actorPattern(pattern);
    for (const address of fits) t.true(matches(address), address);
    for (const address of others) t.false(matches(address), address);
  });
}
