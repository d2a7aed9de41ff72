import test from 'ava';
import { linesOf } from './log-view.ts';

test('a pattern picks the lines of the actors at an address and below it', (t) => {
  const line = (actor: string): string => JSON.stringify({ level: 'info', message: 'm', actor });
  const wanted = linesOf('deployment/*/default/web');
  t.true(wanted(line('deployment/3/default/web')));
  t.true(wanted(line('deployment/3/default/web/child')));
  t.false(wanted(line('deployment/3/default/web-2')));
  t.false(wanted(line('job/3/default/web')));
  t.true(linesOf('**/web.v1')(line('deployment/3/default/web.v1')));
  t.false(linesOf('**/web.v1')(line('deployment/3/default/webxv1')), 'a dot is a dot');
  t.false(wanted('not a structured line'));
  t.false(wanted('{"message":"of no actor"}'));
});
