/** What `troupe chaos run` shows while it lasts: a line for each fault, and in a terminal one that moves. */
import pc from 'picocolors';
import { type RunListener, type Scenario, timeText } from '../chaos/index.ts';

const width = 118;

/** `say` writes a whole line to standard error. */
export function chaosProgress(scenario: Scenario, say: (text: string) => void): RunListener {
  const moving = process.stderr.isTTY;
  const clear = (): void => {
    if (moving) process.stderr.write(`\r${' '.repeat(width)}\r`);
  };
  const line = (text: string): void => {
    clear();
    say(text);
  };
  return {
    say: line,
    fault: ({ id, spec, victim, beganMs, endedMs, proof, outcome }, moment) => {
      if (moment === 'ended' && endedMs - beganMs < 100) return;
      const at = timeText(moment === 'began' ? beganMs : endedMs).padStart(8);
      const what = { began: pc.yellow('begins'), ended: pc.green('ended '), failed: pc.red(outcome) }[moment];
      line(`${at}  ${String(id).padStart(3)} ${what} ${spec}${victim === '' ? '' : ` → ${victim}`}: ${proof}`);
    },
    second: (atMs, probes, complaints) => {
      if (!moving) return;
      const counts = probes.all
        .filter(({ name }) => name !== 'cluster')
        .map(({ name, attempts, failures }) => `${name} ${attempts}${failures > 0 ? pc.red(` −${failures}`) : ''}`);
      const state = complaints.length === 0 ? pc.green('well') : pc.red(complaints[0] ?? '');
      const text = `${timeText(atMs).padStart(8)} of ${timeText(scenario.durationMs)}  ${counts.join('  ')}  ${state}`;
      process.stderr.write(`\r${text}`);
    },
  };
}
