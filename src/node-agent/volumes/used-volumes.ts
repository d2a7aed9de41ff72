/** Which volumes of a pod are set up: those that a container of it uses. */
import { allContainers, type Pod, type Volume } from '../../api/index.ts';

const mountedNames = (pod: Pod): ReadonlySet<string> =>
  new Set(allContainers(pod).flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name)));

const deviceNames = (pod: Pod): ReadonlySet<string> =>
  new Set(allContainers(pod).flatMap(({ volumeDevices = [] }) => volumeDevices.map(({ name }) => name)));

/** A volume that no container uses is not set up, and need not exist. */
export function usedVolumes(pod: Pod): readonly Volume[] {
  const [mounted, devices] = [mountedNames(pod), deviceNames(pod)];
  return (pod.spec.volumes ?? []).filter(({ name }) => mounted.has(name) || devices.has(name));
}

/** Why containers cannot use a volume of that mode as they do; undefined: they can. */
export function modeProblem(pod: Pod, name: string, mode: string): string | undefined {
  const about = `volume ${name} has volumeMode ${mode}, but is specified in`;
  if (mode === 'Block') return mountedNames(pod).has(name) ? `${about} volumeMounts` : undefined;
  return deviceNames(pod).has(name) ? `${about} volumeDevices` : undefined;
}

/** The claims that a pod names itself. */
export const claimNames = ({ spec }: Pod): readonly string[] =>
  (spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => (claim === undefined ? [] : [claim.claimName]));
