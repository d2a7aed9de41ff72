/** The thread that ends a process whose event loop stands still. */
import { appendFile } from 'node:fs';
import { Session } from 'node:inspector';
import { workerData } from 'node:worker_threads';
import { Stillness } from './stillness.ts';

/** What the thread is given. */
export interface LoopWatchData {
  /** Two numbers: beats so far, and 1 while a debugger may hold the loop. */
  readonly shared: Int32Array;
  readonly name: string;
  readonly logFile: string | undefined;
  readonly turnMs: number;
  readonly turnsMax: number;
}

const { shared, name, logFile, turnMs, turnsMax } = workerData as LoopWatchData;
const stillness = new Stillness(turnsMax);
const framesMax = 20;
/** How long the thread tries to learn and write where the loop stands, which a disk may hold up. */
const reasonMs = 2_000;
const standardError = '/proc/self/fd/2';

const timer = setInterval(() => {
  if (!stillness.turn(Atomics.load(shared, 0), Atomics.load(shared, 1) === 1)) return;
  clearInterval(timer);
  setTimeout(end, reasonMs);
  whereItStands(({ stack }) => {
    appendFile(logFile ?? standardError, `${JSON.stringify(lineOf(stack))}\n`, end);
  });
}, turnMs);

/** Nothing softer reaches a loop that does not turn. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

interface Where {
  /** Functions of the program, the innermost first; empty: it is in the machine's own code. */
  readonly stack: readonly string[];
}

const lineOf = (stack: readonly string[]): object => ({
  level: 'error',
  time: new Date().toISOString(),
  process: name,
  stack: stack.join('\n'),
  message: `the event loop stood still for ${(turnMs * turnsMax) / 1_000} s; restarting the process`,
});

/** What the debugger tells, as far as it is used. */
interface Parsed {
  readonly params: { readonly scriptId: string; readonly url: string };
}

interface Paused {
  readonly params: {
    readonly callFrames: readonly {
      readonly functionName: string;
      readonly location: { readonly scriptId: string; readonly lineNumber: number };
    }[];
  };
}

/** Interrupts the program where it is, if it runs any code of its own. */
function whereItStands(found: (where: Where) => void): void {
  const session = new Session();
  const files = new Map<string, string>();
  // Code of the machine (a call that waits for a disk) cannot be interrupted: that is said after half of the time.
  const unknown = setTimeout(() => {
    found({ stack: [] });
  }, reasonMs / 2);
  try {
    session.connectToMainThread();
    session.on('Debugger.scriptParsed', ({ params }: Parsed) => {
      files.set(params.scriptId, params.url);
    });
    session.on('Debugger.paused', ({ params }: Paused) => {
      clearTimeout(unknown);
      const frames = params.callFrames.slice(0, framesMax);
      const stack = frames.map(
        ({ functionName, location: { scriptId, lineNumber } }) =>
          `${functionName} (${files.get(scriptId) ?? ''}:${lineNumber + 1})`,
      );
      found({ stack });
    });
    session.post('Debugger.enable');
    session.post('Debugger.pause');
  } catch {
    // The debugger is not to be had: the reason goes without a place.
  }
}
