import test from 'ava';
import { limits } from '../base/index.ts';
import { pathProblem } from './head-bounds.ts';
import { negotiate } from './negotiation.ts';
import { Query } from './query.ts';
import { noQueryFacts, requestInfo } from './request-info.ts';
import { startDoor } from './testing/index.ts';

test('a path of too many parts is refused before it is read', async (t) => {
  const { pathSlashesMax } = limits;
  t.is(pathProblem({ path: '/a'.repeat(pathSlashesMax) }), undefined);
  t.is(pathProblem({ path: `/${'a'.repeat(500_000)}` }), undefined);
  t.regex(pathProblem({ path: '/'.repeat(pathSlashesMax + 1) }) ?? '', /path has more than/);
  const { handler } = startDoor();
  const answer = await handler({
    method: 'GET',
    path: '/a'.repeat(pathSlashesMax + 1),
    query: '',
    headers: {},
    body: new Uint8Array(0),
  });
  t.is(answer.status, 414);
});

test('what may be read is read in little time', (t) => {
  const { pathSlashesMax, queryParametersMax, headerBytesMax } = limits;
  const length = Math.floor(headerBytesMax / queryParametersMax) - 1;
  const times = [
    () => new Query(`a=${'+'.repeat(headerBytesMax)}`),
    () => new Query(`a=${'%41'.repeat(headerBytesMax / 3)}`),
    () => new Query('a&'.repeat(headerBytesMax / 2)),
    () => new Query(Array.from({ length: queryParametersMax }, (_, i) => `${i}`.padEnd(length, '+')).join('&')),
    () => {
      try {
        negotiate(`application/json,${','.repeat(headerBytesMax)}`, { table: true, partial: true, router: true });
      } catch {
        // It may be refused.
      }
    },
    () => requestInfo('GET', `/${'%41'.repeat(1_000)}`.repeat(headerBytesMax / 3_000), noQueryFacts),
    () => requestInfo('GET', '/%41'.repeat(pathSlashesMax), noQueryFacts),
  ].map((read) => {
    const from = performance.now();
    read();
    return performance.now() - from;
  });
  t.true(Math.max(...times) < 500, times.join(' '));
});

test('a plus sign is a space, in short values and in long ones', (t) => {
  const query = new Query(`a=b+c&d=${'+'.repeat(10_000)}%2B`);
  t.is(query.get('a'), 'b c');
  t.is(query.get('d'), `${' '.repeat(10_000)}+`);
});
