/**
 * Many seeds of the test of crashes (docs/storage.md).
 *   node test/integration/csi-crashes/run.ts [--runs 20] [--pods 50] [--seed N] [--pods-between 6]
 */
import { parseArgs } from 'node:util';
import { csiProblem } from '../csi-driver.ts';
import { type CrashReport, runCrashes } from './crashes.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    pods: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'pods-between': { type: 'string', default: '6' },
  },
});
const problem = csiProblem();
if (problem !== undefined) {
  console.error(`CSI volumes cannot be mounted here: ${problem}`);
  process.exit(2);
}
const [first, runs, pods] = [Number(values.seed), Number(values.runs), Number(values.pods)];
const reports: CrashReport[] = [];
for (let seed = first; seed < first + runs; seed++) {
  const report = await runCrashes({ seed, pods, podsBetween: Number(values['pods-between']) });
  reports.push(report);
  const { problems, ...facts } = report;
  console.log(JSON.stringify({ seed, ...facts, seconds: Math.round(facts.seconds), problems: problems.length }));
  for (const each of problems.slice(0, 50)) console.error(each);
}
const sum = (count: (report: CrashReport) => number): number =>
  reports.reduce((total, report) => total + count(report), 0);
console.log(
  [
    `${sum((report) => report.pods)} pods, ${sum(({ ran }) => ran)} of them ran`,
    `${sum(({ agentKills }) => agentKills)} kills of the agent, ${sum(({ driverKills }) => driverKills)} of the driver`,
    `${sum(({ faults }) => faults)} other faults of the driver`,
    `${sum(({ problems }) => problems.length)} problems`,
  ].join('; '),
);
process.exit(reports.every(({ problems }) => problems.length === 0) ? 0 : 1);
