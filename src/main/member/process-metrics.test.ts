import test from 'ava';
import { createActorSystem } from '../../actors/index.ts';
import { silentLogger, silentMetrics } from '../../base/index.ts';
import { MetricsRegistry, systemClock, systemTimers } from '../../platform/index.ts';
import type { Store, StoreStatus } from '../../state/index.ts';
import { processMetrics } from './process-metrics.ts';

test('each alarm of the store is a metric of its own, 0 when there is none', (t) => {
  let alarms: StoreStatus['alarms'] = [];
  const metrics = new MetricsRegistry();
  const system = createActorSystem({
    name: 'm',
    clock: systemClock,
    timers: systemTimers,
    log: silentLogger,
    metrics: silentMetrics,
  });
  const store = { status: () => ({ role: 'follower', alarms }) } as unknown as Store;
  const measure = processMetrics({ metrics, system, store, figures: () => undefined });
  const shown = (): Record<string, string> => {
    measure();
    return Object.fromEntries(
      [...metrics.render().matchAll(/^troupe_store_alarms\{type="(.*)"\} (\d+)$/gm)].map(([, type, count]) => [
        type,
        count,
      ]),
    );
  };
  const none = { quota: '0', 'disk-full': '0', 'foreign-member': '0', 'owed-entries': '0' };
  t.deepEqual(shown(), none);
  alarms = [{ type: 'owed-entries', message: '' }];
  t.deepEqual(shown(), { ...none, 'owed-entries': '1' });
});
