import test from 'ava';
import { isHeadless } from './service.ts';

test('a Service with the address None is headless', (t) => {
  t.true(isHeadless({ clusterIP: 'None' }));
  t.false(isHeadless({ clusterIP: '10.96.0.1' }));
});
