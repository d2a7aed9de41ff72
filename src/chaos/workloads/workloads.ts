/** Every workload by its name, as far as the cluster allows it. */
import type { WorkloadName } from '../scenario/scenario.ts';
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
import { Watches } from './watches.ts';
import type { Workload, WorkloadContext } from './workload.ts';

/** Throws Impossible with the reason. */
export function workloadOf(name: WorkloadName, context: WorkloadContext, target: Target): Workload {
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
