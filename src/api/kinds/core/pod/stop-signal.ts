/** Which signal a container is stopped with. */
import type { Container, PodSpec, Sent } from '../../../objects/index.ts';
import { type FieldError, forbidden } from '../../../machinery/index.ts';
import { choice } from '../../checks.ts';

const plain = `SIGABRT SIGALRM SIGBUS SIGCHLD SIGCLD SIGCONT SIGFPE SIGHUP SIGILL SIGINT SIGIO SIGIOT SIGKILL SIGPIPE
SIGPOLL SIGPROF SIGPWR SIGQUIT SIGSEGV SIGSTKFLT SIGSTOP SIGSYS SIGTERM SIGTRAP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGUSR1
SIGUSR2 SIGVTALRM SIGWINCH SIGXCPU SIGXFSZ`;

/** Offsets from either end of the real-time signals: 34 to 49, and 50 to 64. */
const realTime = (end: string, sign: string, most: number): readonly string[] =>
  Array.from({ length: most + 1 }, (_, offset) => (offset === 0 ? end : `${end}${sign}${offset}`));

const linux: readonly string[] = [
  ...plain.split(/\s+/),
  ...realTime('SIGRTMIN', '+', 15),
  ...realTime('SIGRTMAX', '-', 14),
].sort();
const windows = ['SIGKILL', 'SIGTERM'];

/** A signal means something on a known operating system alone, so the pod must name it. */
export function stopSignalErrors({ lifecycle }: Sent<Container>, { os }: Sent<PodSpec>, path: string): FieldError[] {
  const signal = lifecycle?.stopSignal;
  if (signal === undefined) return [];
  const at = `${path}.lifecycle.stopSignal`;
  if ((os?.name ?? '') === '') return [forbidden(at, 'may not be set for containers with empty `spec.os.name`')];
  return choice(at, signal, os?.name === 'windows' ? windows : linux);
}
