/** A node's machine that dies, as the cluster sees it: agent and containers are gone at once, and for a while. */
import { run } from '../targets/programs.ts';
import { type BeginFault, chosen, type Effect, type FaultContext, homeOf } from './fault.ts';
import { keepDead } from './process-faults.ts';

const engineOf = ({ engine }: FaultContext['target']): readonly string[] =>
  engine === undefined ? [] : ['-H', `unix://${engine.socket}`];

/** The ids of a node's containers; none where containers are simulated, which die with the agent. */
function containersOf({ target }: FaultContext, cluster: string, node: string): readonly string[] {
  if (target.facts.runtime !== 'docker') return [];
  const filters = ['--filter', `label=troupe.cluster=${cluster}`, '--filter', `label=troupe.node=${node}`];
  const { stdout } = run('docker', [...engineOf(target), 'ps', '-q', '--no-trunc', ...filters]);
  return stdout.split('\n').filter((id) => id !== '');
}

/** A dead machine starts nothing. */
const die =
  (removal: readonly string[], what: string): BeginFault =>
  async (context): Promise<Effect> => {
    const home = homeOf(context);
    const victim = chosen(await home.victims('agent', context.api), context);
    const { name, pids } = victim;
    return await keepDead(context, victim, async () => {
      const containers = containersOf(context, home.cluster, name);
      if (containers.length > 0) run('docker', [...engineOf(context.target), ...removal, ...containers]);
      const left = containersOf(context, home.cluster, name).length;
      if (left > 0) throw new Error(`${left} containers of ${name} live on`);
      return `no process ${pids.join(', ')} any more, and its ${containers.length} containers are ${what}`;
    });
  };

export const machineDies = die(['kill', '--signal', 'KILL'], 'dead');
export const machineIsLost = die(['rm', '--force'], 'removed');
