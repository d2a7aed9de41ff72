/** `node test/integration/csi-crashes/run.ts [--pods 1000] [--seed N] [--pods-between 4]`: see docs/storage.md. */
import { parseArgs } from 'node:util';
import { csiProblem } from '../csi-driver.ts';
import { runCrashes } from './crashes.ts';

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'pods-between': { type: 'string', default: '4' },
  },
});
const problem = csiProblem();
if (problem !== undefined) {
  console.error(`CSI volumes cannot be mounted here: ${problem}`);
  process.exit(2);
}
const { problems, ...report } = await runCrashes({
  pods: Number(values.pods),
  seed: Number(values.seed),
  podsBetween: Number(values['pods-between']),
});
console.log(JSON.stringify({ seed: Number(values.seed), ...report, seconds: Math.round(report.seconds) }));
for (const each of problems.slice(0, 50)) console.error(each);
console.log(problems.length === 0 ? 'nothing leaked, nothing was mounted twice' : `${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
