/** Times of objects: RFC 3339 text in them, milliseconds since 1970 in controllers. */
import { timeText } from '../../api/index.ts';
import type { ControllerPorts } from './controller.ts';

/** "Now" as metav1.Time. */
export function nowText(ports: ControllerPorts): string {
  return timeText(ports.clock.now());
}
