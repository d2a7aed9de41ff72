/** Every workload by its name, as far as the cluster allows it. */
import type { WorkloadName } from '../scenario/scenario.ts';
import type { Swarm } from '../targets/swarm/swarm.ts';
import { Impossible, type Target } from '../targets/target.ts';
import { CounterWorkload } from './counter.ts';
import { Creates } from './creates.ts';
import { DnsQuestions } from './dns.ts';
import { Jobs } from './jobs.ts';
import { NatsClients } from './nats.ts';
import { Owners } from './owners.ts';
import { Registers } from './registers.ts';
import { Rollout } from './rollout.ts';
import { WebService } from './service.ts';
import { SwarmService } from './swarm-service.ts';
import { Watches } from './watches.ts';
import type { Workload, WorkloadContext } from './workload.ts';

/** Why a Swarm has no such workload here. */
const notOfSwarm: Readonly<Record<Exclude<WorkloadName, 'registers' | 'creates' | 'service'>, string>> = {
  watches: 'the events of a Swarm have no version from which a client could go on after a break',
  rollout: 'a Swarm has no evictions and no disruption budgets; `rolling-update` rolls its service',
  jobs: 'the jobs of a Swarm are not judged here',
  counter: 'a Swarm has no StatefulSets with volumes of their own',
  dns: 'names of a Swarm are answered within its overlay networks only',
  nats: 'a Swarm is not reached over NATS',
  ingress: 'a Swarm has no Ingresses',
  owners: 'this cluster shows no tree of actors',
};

function swarmWorkloadOf(name: WorkloadName, context: WorkloadContext, swarm: Swarm): Workload {
  switch (name) {
    case 'registers':
      return new Registers(context);
    case 'creates':
      return new Creates(context);
    case 'service':
      return new SwarmService(context, swarm);
    default:
      throw new Impossible(notOfSwarm[name]);
  }
}

/** Throws Impossible with the reason. */
export function workloadOf(name: WorkloadName, context: WorkloadContext, target: Target): Workload {
  if (target.swarm !== undefined) return swarmWorkloadOf(name, context, target.swarm);
  switch (name) {
    case 'registers':
      return new Registers(context);
    case 'creates':
      return new Creates(context);
    case 'watches':
      return new Watches(context);
    case 'rollout':
      return new Rollout(context);
    case 'jobs':
      return new Jobs(withContainers(context, target, 'a Job never ends'));
    case 'counter':
      return new CounterWorkload(withContainers(context, target, 'nothing counts'));
    case 'service':
      return new WebService(context, { ingress: networkOf(target).ingress, probed: 'service' });
    case 'ingress':
      return new WebService(context, { ingress: networkOf(target).ingress, probed: 'ingress' });
    case 'dns':
      return new DnsQuestions(context, networkOf(target).dnsAddress);
    case 'nats':
      return new NatsClients(context, natsFileOf(target));
    case 'owners':
      return new Owners(withHome(context, target));
    default:
      return name satisfies never;
  }
}

function withContainers(context: WorkloadContext, { facts }: Target, what: string): WorkloadContext {
  if (facts.runtime === 'simulated') throw new Impossible(`containers are simulated: ${what}`);
  return context;
}

function withHome(context: WorkloadContext, { home }: Target): WorkloadContext {
  if (home === undefined) throw new Impossible('this cluster shows no tree of actors');
  return context;
}

function networkOf({ network }: Target): NonNullable<Target['network']> {
  if (network === undefined) throw new Impossible('Services of this cluster are out of reach of this process');
  return network;
}

function natsFileOf({ home }: Target): string {
  if (home === undefined) throw new Impossible('this cluster has no NATS door that is known here');
  return home.home.natsFile;
}
