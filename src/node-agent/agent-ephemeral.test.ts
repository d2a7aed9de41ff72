import test from 'ava';
import { pass, world } from './agent.fixture.ts';

test('an ephemeral container waits for the container whose processes it is to share', async (t) => {
  const w = await world(t);
  const unpulled = { name: 'main', image: 'absent:1', imagePullPolicy: 'Never' };
  await w.pod('web', {
    containers: [unpulled],
    ephemeralContainers: [
      { name: 'inside', image: 'web:1', targetContainerName: 'main' },
      { name: 'beside', image: 'web:1' },
    ],
  });
  await pass(w.time, 3000);
  const shown = (name: string): object | undefined =>
    w.status('web')?.ephemeralContainerStatuses?.find((each) => each.name === name)?.state;
  t.like(shown('inside'), { waiting: { reason: 'CreateContainerConfigError' } });
  t.truthy((shown('beside') as { readonly running?: object } | undefined)?.running);
});
