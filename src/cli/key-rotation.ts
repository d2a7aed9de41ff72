/** `troupe key rotate` with a flag: replaces secrets of the cluster while it runs, step by step. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Home } from '../main/index.ts';
import { type ApiAnswer, askApi } from './api-call.ts';
import { Problem } from './problem.ts';
import type { Shell } from './shell.ts';

/** How far a rotation is, as the API says. */
interface RotationStatus {
  readonly id?: string;
  readonly parts?: readonly string[];
  readonly step: string;
  readonly leftOut?: readonly string[];
  readonly members?: readonly Standing[];
  readonly nodes?: readonly Standing[];
  /** What keeps the step from its end. */
  readonly waiting?: readonly string[];
}

interface Standing {
  readonly name: string;
  readonly step?: string;
}

interface RotationOrder {
  readonly parts: readonly string[];
  readonly leaveOut: readonly string[];
  /** Stop after this step. */
  readonly until?: string | undefined;
}

const path = '/troupe/api/members/rotation';
const askMs = 250;
const timeoutMs = 20_000;
/** A member may lead no longer, or have written one of its two files so far. */
const attemptsMax = 40;
/** A step that nothing moves for so long is left to the operator. */
const stuckMs = 120_000;

const meanings: Readonly<Record<string, string>> = {
  trust: 'trust: everybody believes the new secrets beside the old ones',
  renew: 'renew: everybody uses the new secrets',
  drop: 'drop: the old secrets open nothing any more',
};

/** Begins, or goes on where an earlier call stopped. Rejects with a Problem when the operator has to decide. */
export async function rotateSecrets(shell: Shell, home: Home, order: RotationOrder): Promise<void> {
  const { parts, leaveOut, until } = order;
  let status = await asked(shell, home, { begin: parts, leaveOut });
  shell.say(`rotation ${status.id ?? ''} of ${(status.parts ?? []).join(', ')}`);
  const waits = new Waits(shell);
  while (status.step !== 'done') {
    const { step } = status;
    waits.show(status);
    status = await asked(shell, home, { advance: status.id, leaveOut });
    if (step === until && status.step !== step)
      return shell.out(`stopped before ${status.step}; the same command goes on`);
    if (status.step === step) await pause(askMs);
  }
  shell.out('the new secrets are the only ones now; files of this home are up to date, copies elsewhere are not');
}

/** Says what is waited for whenever that changes. */
class Waits {
  readonly #shell: Shell;
  #last = '';
  #since = performance.now();

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  show({ step, waiting = [] }: RotationStatus): void {
    const named = waiting.slice(0, 5).join(', ');
    const more = waiting.length > 5 ? ` and ${String(waiting.length - 5)} more` : '';
    const text = waiting.length === 0 ? (meanings[step] ?? step) : `  waiting for ${named}${more}`;
    if (text !== this.#last) {
      this.#shell.say(text);
      this.#since = performance.now();
      this.#last = text;
    }
    if (performance.now() - this.#since > stuckMs)
      throw new Problem(
        `nothing moved for two minutes while waiting for ${named}${more}; ` +
          'run the same command again when they are back, or with --leave-out NAME: ' +
          'what is left out is shut out until it joins again',
      );
  }
}

/** One call, at any member; a member that stops or starts anew meanwhile is asked again. */
async function asked(shell: Shell, home: Home, body?: object): Promise<RotationStatus> {
  const method = body === undefined ? 'GET' : 'POST';
  let answer: ApiAnswer | undefined;
  for (let attempt = 1; answer === undefined; attempt++) {
    try {
      answer = await askApi(home, await shell.servingUrl(home), path, { method, body, timeoutMs });
    } catch (error) {
      if (attempt >= attemptsMax) throw error;
    }
    if (answer !== undefined && answer.status >= 500 && attempt < attemptsMax) answer = undefined;
    if (answer === undefined) await pause(askMs);
  }
  const parsed = JSON.parse(answer.body) as RotationStatus & { readonly message?: string };
  if (answer.status !== 200) throw new Problem(parsed.message ?? `the API answered ${String(answer.status)}`);
  return parsed;
}

/** The lines of `troupe key status` about it; none before the first rotation. */
export async function rotationLines(shell: Shell, home: Home): Promise<readonly string[]> {
  const { id, step, parts = [], members = [], nodes = [], leftOut = [] } = await asked(shell, home);
  if (id === undefined) return [];
  if (step === 'done') return [`rotation ${id} of ${parts.join(', ')} is done`];
  const line = (kind: string, { name, step: own }: Standing): string => `  ${kind} ${name}: ${own ?? 'not begun'}`;
  return [
    `rotation ${id} of ${parts.join(', ')} is at ${step}; \`troupe key rotate\` with the same flags goes on`,
    ...members.map((member) => line('member', member)),
    ...nodes.map((node) => line('node', node)),
    ...leftOut.map((name) => `  ${name} is left out`),
  ];
}
