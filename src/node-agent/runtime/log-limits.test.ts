import test from 'ava';
import { NodeSettingError } from '../node-setting.ts';
import { logLimits } from './log-limits.ts';

test('logs are kept as a kubelet keeps them, unless the settings say otherwise', (t) => {
  t.deepEqual(logLimits({}), { bytesMax: 10 * 2 ** 20, filesMax: 5 });
  t.deepEqual(logLimits({ containerLogMaxSize: '1M', containerLogMaxFiles: 2 }), { bytesMax: 1e6, filesMax: 2 });
});

for (const [setting, settings] of [
  ['containerLogMaxSize', { containerLogMaxSize: 'huge' }],
  ['containerLogMaxSize', { containerLogMaxSize: '0' }],
  ['containerLogMaxFiles', { containerLogMaxFiles: 1 }],
] as const)
  test(`${JSON.stringify(settings)} is refused`, (t) => {
    t.is(t.throws(() => logLimits(settings), { instanceOf: NodeSettingError })?.setting, setting);
  });
