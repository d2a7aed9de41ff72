/** Every fault by its name, as it is done to a cluster. */
import type { FaultName } from '../scenario/fault-table.ts';
import type { Target } from '../targets/target.ts';
import { abuseApi } from './api-faults.ts';
import { expireCertificates } from './certificate-fault.ts';
import { jumpClock } from './clock-fault.ts';
import { failDisk, fillDisk, losePower, slowDisk } from './disk-faults.ts';
import type { BeginFault } from './fault.ts';
import { machineDies, machineIsLost } from './machine-faults.ts';
import { cutBothWays, cutIn, cutOut, delayPackets, losePackets } from './network-faults.ts';
import {
  duplicateMessages,
  floodActor,
  replaceMember,
  restartActor,
  rollingRestart,
  stallActor,
} from './operator-faults.ts';
import { pressCpu, pressMemory } from './pressure-faults.ts';
import { freeze, kill } from './process-faults.ts';
import { swarmFaults } from './swarm-faults.ts';
import { rollingUpgrade } from './upgrade-fault.ts';
import { cordon, deletePod, evictPod, rollDeployment, scale } from './workload-faults.ts';

const faults: Readonly<Record<FaultName, BeginFault>> = {
  kill,
  freeze,
  'machine-death': machineDies,
  'machine-loss': machineIsLost,
  'power-loss': losePower,
  cut: cutBothWays,
  'cut-in': cutIn,
  'cut-out': cutOut,
  loss: losePackets,
  delay: delayPackets,
  'disk-full': fillDisk,
  'disk-slow': slowDisk,
  'disk-fails': failDisk,
  'clock-jump': jumpClock,
  'cpu-pressure': pressCpu,
  'memory-pressure': pressMemory,
  'rolling-restart': rollingRestart,
  'rolling-upgrade': rollingUpgrade,
  'rolling-update': rollDeployment,
  'member-replacement': replaceMember,
  'certificate-expiry': expireCertificates,
  'actor-restart': restartActor,
  'actor-flood': floodActor,
  'actor-stall': stallActor,
  'actor-duplicate': duplicateMessages,
  'api-abuse': abuseApi,
  'pod-delete': deletePod,
  'pod-evict': evictPod,
  cordon,
  scale,
};

export function faultOf(name: FaultName, { swarm }: Target): BeginFault {
  return swarm === undefined ? faults[name] : swarmFaults[name];
}
