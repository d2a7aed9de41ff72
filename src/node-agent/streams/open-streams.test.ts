import test from 'ava';
import { StatusError } from '../../api/index.ts';
import { OpenStreams } from './open-streams.ts';

test('the streams of one namespace leave room for those of others, and the node has a bound for all', (t) => {
  const streams = new OpenStreams({ all: 3, perNamespace: 2 });
  const first = streams.enter('evil');
  streams.enter('evil');
  const refused = t.throws(() => streams.enter('evil'), { instanceOf: StatusError });
  t.is(refused?.code, 429);
  t.is(refused?.message, 'the node has 2 open streams to pods of namespace evil; close some');
  streams.enter('prod');
  t.is(
    t.throws(() => streams.enter('more'), { instanceOf: StatusError })?.message,
    'the node has 3 open streams; try again later',
  );
  first();
  first();
  t.notThrows(() => streams.enter('evil'));
  t.throws(() => streams.enter('more'), { instanceOf: StatusError }, 'a place is given back once');
});
