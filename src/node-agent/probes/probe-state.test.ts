import test from 'ava';
import { initialProbe, type ProbeState, probeStep } from './index.ts';

function verdicts(probe: Parameters<typeof probeStep>[0], outcomes: string): string {
  let state: ProbeState = initialProbe;
  return [...outcomes]
    .map((each) => {
      const step = probeStep(probe, state, each === '+');
      state = step.state;
      return step.changed ? (state.verdict === true ? 'T' : 'F') : '.';
    })
    .join('');
}

test('a verdict changes after enough equal outcomes in a row', (t) => {
  t.is(verdicts({}, '+---+'), 'T..FT');
  t.is(verdicts({ failureThreshold: 1, successThreshold: 2 }, '-+-++'), 'F...T');
  t.is(verdicts({ failureThreshold: 3 }, '--+--+---'), '..T.....F');
});
