/** Whether a machine has the room that a node keeps free: what is known before a node starts there. */
import type { MachineFinding } from '../runtime/index.ts';
import { kernelRoom, readMachine } from './machine-room.ts';
import { noPressure, stepPressure } from './pressure.ts';
import { evictionPolicy, type EvictionSettings } from './thresholds.ts';

/** `folder`: where the node would keep its state; it may not be there yet. */
export async function roomFinding(
  settings: EvictionSettings,
  folder: string,
  room = kernelRoom(),
): Promise<MachineFinding> {
  const { observations } = await readMachine(room, { state: folder, images: undefined });
  const { pressures } = stepPressure(noPressure, evictionPolicy(settings), { observations, now: 0 });
  return {
    name: 'room',
    ok: pressures.length === 0,
    detail:
      pressures.length === 0
        ? 'memory and disk are above the thresholds of eviction'
        : `${pressures.join(', ')}: a node here takes no pods and ends those that it has`,
    fix: 'free memory or disk, or lower node.evictionHard in config.yaml',
    isAdvice: true,
  };
}
