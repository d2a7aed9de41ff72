/** Prints what the checks of the benchmark find. */
import type { Command } from 'commander';
import pc from 'picocolors';
import { errorMessage } from '../../base/index.ts';
import { examples, type HomeFlags, type Shell } from '../shell.ts';
import { apiServerControls } from './api-server-controls.ts';
import { componentControls } from './component-controls.ts';
import type { Control } from './control.ts';
import { controlPlaneFiles } from './control-plane-files.ts';
import { ExaminedCluster } from './examined-cluster.ts';
import { nodeControls } from './node-controls.ts';
import { policyControls } from './policy-controls.ts';
import type { Verdict } from './verdict.ts';

/** In the order of the benchmark. */
export const controls: readonly Control[] = [
  ...controlPlaneFiles,
  ...apiServerControls,
  ...componentControls,
  ...nodeControls,
  ...policyControls,
];

interface Finding extends Verdict {
  readonly id: string;
  readonly title: string;
}

interface CheckFlags extends HomeFlags {
  readonly json?: boolean;
}

const colours = {
  pass: pc.green('pass  '),
  fail: pc.red('FAIL  '),
  manual: pc.yellow('manual'),
  'not applicable': pc.dim('n/a   '),
} as const;

export function addHardening(program: Command, shell: Shell): void {
  const hardening = program.command('hardening').description('Looks at how well a cluster is secured.');
  shell
    .command(
      hardening,
      'check',
      'Holds the running cluster of this home against the CIS Kubernetes Benchmark 1.10. Exits 1 when a control fails.',
    )
    .option('--json', 'print a JSON list of the controls')
    .addHelpText('after', examples('troupe hardening check', 'sudo troupe hardening check --json'))
    .action(async (flags: CheckFlags) => {
      const home = shell.homeOf(flags);
      const cluster = new ExaminedCluster(home, shell.settingsOf(home), await shell.servingUrl(home));
      const findings: Finding[] = [];
      for (const control of controls) findings.push(await finding(control, cluster));
      print(shell, findings, flags.json === true);
      if (findings.some(({ state }) => state === 'fail')) process.exitCode = 1;
    });
}

async function finding({ id, title, check }: Control, cluster: ExaminedCluster): Promise<Finding> {
  try {
    return { id, title, ...(await check(cluster)) };
  } catch (error) {
    return { id, title, state: 'fail', detail: `the check could not be made: ${errorMessage(error)}` };
  }
}

function print(shell: Shell, findings: readonly Finding[], json: boolean): void {
  if (json) {
    shell.out(JSON.stringify(findings, undefined, 2));
    return;
  }
  for (const { id, title, state, detail } of findings)
    shell.out(`${colours[state]} ${id.padEnd(7)} ${title}\n               ${pc.dim(detail)}`);
  for (const [what, counted] of [
    ['Sections 1 to 4', findings.filter(({ id }) => !id.startsWith('5.'))],
    ['Section 5', findings.filter(({ id }) => id.startsWith('5.'))],
  ] as const)
    shell.out(`${what}: ${tally(counted)}`);
}

function tally(findings: readonly Finding[]): string {
  const count = (state: Verdict['state']): number => findings.filter((found) => found.state === state).length;
  return (
    `${String(count('pass'))} of ${String(count('pass') + count('fail'))} decided controls pass; ` +
    `${String(count('manual'))} manual, ${String(count('not applicable'))} not applicable`
  );
}
