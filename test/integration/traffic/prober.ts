/** Runs `probing.ts` in a network namespace, and asks it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Addresses, FlowAsked, FlowQuestion, FlowState, Outcome, Probe, Question } from './probe.ts';

type Told = Outcome | Addresses | FlowState;

export class Prober {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<string, (told: Told) => void>();

  /** `space`: a file that stands for a network namespace. */
  constructor(space: string) {
    this.#child = spawn('nsenter', [`--net=${space}`, process.execPath, join(import.meta.dirname, 'probing.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on('line', (line) => {
        const told = JSON.parse(line) as Told;
        this.#waiting.get(told.id)?.(told);
        this.#waiting.delete(told.id);
      });
    this.#child.on('exit', (code) => {
      for (const [id, tell] of this.#waiting)
        tell({ id, answers: [], failures: [`the prober ended with ${code}`], slowestMs: 0 });
    });
  }

  ask(probe: Probe): Promise<Outcome> {
    return this.#ask(probe) as Promise<Outcome>;
  }

  resolve(question: Question): Promise<Addresses> {
    return this.#ask(question) as Promise<Addresses>;
  }

  /** Begins a flow, or asks how it fares. */
  flow(asked: FlowAsked | FlowQuestion): Promise<FlowState> {
    return this.#ask(asked) as Promise<FlowState>;
  }

  #ask(asked: Probe | Question | FlowAsked | FlowQuestion): Promise<Told> {
    return new Promise((resolve) => {
      this.#waiting.set(asked.id, resolve);
      this.#child.stdin?.write(`${JSON.stringify(asked)}\n`);
    });
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
