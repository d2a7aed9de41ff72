import test from 'ava';
import { silentLogger } from '../base/index.ts';
import { Lifetime } from './lifetime.ts';
import { StoreError } from './store.ts';

test('work that throws ends the store once, its parts first, and nothing runs after', (t) => {
  const heard: string[] = [];
  const cause = new Error('a sync failed');
  const lifetime = new Lifetime(
    {
      log: silentLogger,
      onFailure: (error) => {
        heard.push(`failure ${error === cause}`);
      },
    },
    (error) => {
      heard.push(`end ${error.code}`);
    },
  );
  lifetime.run(() => {
    throw cause;
  });
  lifetime.fail(new Error('later'));
  lifetime.run(() => {
    heard.push('ran');
  });
  t.deepEqual(heard, ['end stopped', 'failure true']);
  t.is(lifetime.ended?.cause, cause);
});

test('a store that is closed has not failed', (t) => {
  const heard: string[] = [];
  const lifetime = new Lifetime({ log: silentLogger, onFailure: () => heard.push('failure') }, () => heard.push('end'));
  lifetime.end(new StoreError('stopped', 'the store is closed'));
  lifetime.fail(new Error('later'));
  t.deepEqual(heard, ['end']);
});
