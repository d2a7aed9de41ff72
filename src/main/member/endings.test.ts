import test from 'ava';
import { defaultsFile, loadSettings, StartProblem } from '../process/index.ts';
import { startProblemOf } from './endings.ts';

const settings = { ...loadSettings(defaultsFile(), '/nowhere/config.yaml'), apiPort: 80 };
const failure = (code: string, message = code): Error => Object.assign(new Error(message), { code });

for (const [error, message] of [
  [failure('EADDRINUSE'), /port 80 is in use by another program; choose another port with --api-port/],
  [new Error('listen', { cause: failure('EACCES') }), /port 80 needs root; choose a port above 1023/],
  [failure('in-use', 'the store is in use by process 7'), /^the store is in use by process 7$/],
  [failure('newer-format', 'written by a newer version'), /^written by a newer version$/],
] as const) {
  test(`a start that fails with ${error.message} is a problem that says what to do`, (t) => {
    const problem = startProblemOf(error, settings);
    t.true(problem instanceof StartProblem);
    t.regex((problem as StartProblem).message, message);
  });
}

test('any other failure of a start stays as it is', (t) => {
  const error = failure('EIO');
  t.is(startProblemOf(error, settings), error);
});
