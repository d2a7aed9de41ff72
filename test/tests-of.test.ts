import { setImmediate } from 'node:timers/promises';
import { testsOf } from './tests-of.ts';

const test = testsOf('some/file');

for (const declare of [test, test.serial]) {
  const title = `a title begins with the file's name, ${declare === test ? 'plain' : 'serial'}`;
  declare(title, (t) => {
    t.is(t.title, `some/file › ${title}`);
  });
}

let running = 0;
for (const which of ['one', 'another']) {
  test(`tests run one after the other: ${which}`, async (t) => {
    running += 1;
    await setImmediate();
    t.is(running, 1);
    running -= 1;
  });
}
