/** The handles that others, and the actor itself, hold of a cell. */
import { limits, type Clock, type Logger, type Timer, type Timers } from '../base/index.ts';
import type { ActorContext, ActorRef, Behaviour, EndReason, SpawnOptions } from './actor.ts';
import { AskError } from './ask-error.ts';
import type { ActorEnvironment } from './environment.ts';

/** What the handles need of an actor's cell. */
interface HeldCell<Message> {
  readonly address: string;
  readonly environment: ActorEnvironment;
  readonly stopped: boolean;
  readonly children: ReadonlyMap<string, { detach(): void }> | undefined;
  /** `fail` hears of a message that will not be read any more. False: it was not taken. */
  tell(message: Message, fail?: (code: AskError['code']) => void): boolean;
  tellSelf(message: Message): boolean;
  after(delayMs: number, run: () => void): Timer;
  spawn<S, M>(child: {
    readonly name: string;
    readonly behaviour: Behaviour<S, M>;
    readonly options: SpawnOptions<M>;
  }): { readonly handle: ActorRef<M> };
  onEnd(listener: (reason: EndReason) => void): void;
  detach(): void;
}

/** The handle that others hold. */
export class CellRef<Message> implements ActorRef<Message> {
  readonly cell: HeldCell<Message>;

  constructor(cell: HeldCell<Message>) {
    this.cell = cell;
  }

  get address(): string {
    return this.cell.address;
  }

  tell(message: Message): boolean {
    return this.cell.tell(message);
  }

  /**
   * Tells a message that carries the way back; ends with the answer, at the deadline, or as soon as it is clear that
   * none will come.
   */
  ask<Answer>(
    build: (reply: (answer: Answer) => void) => Message,
    options?: { readonly deadlineMs?: number },
  ): Promise<Answer> {
    const { cell } = this;
    return new Promise((resolve, reject) => {
      const fail = (code: AskError['code']): void => {
        timer.cancel();
        reject(new AskError(code, cell.address));
      };
      const timer = cell.environment.timers.after(options?.deadlineMs ?? limits.askMs, () => {
        fail('timeout');
      });
      const message = build((answer) => {
        timer.cancel();
        resolve(answer);
      });
      if (!cell.tell(message, fail)) fail(cell.stopped ? 'stopped' : 'mailbox-full');
    });
  }
}

/**
 * The handle that an actor has of itself: what its promises and its children's calls hand back to it stays in the
 * process.
 */
class OwnRef<Message> extends CellRef<Message> {
  override tell(message: Message): boolean {
    return this.cell.tellSelf(message);
  }
}

/** The handle that a behaviour gets on its actor. */
export class CellContext<Message> implements ActorContext<Message> {
  readonly #cell: HeldCell<Message>;
  #log: Logger | undefined;
  #self: ActorRef<Message> | undefined;

  constructor(cell: HeldCell<Message>) {
    this.#cell = cell;
  }

  get self(): ActorRef<Message> {
    this.#self ??= new OwnRef(this.#cell);
    return this.#self;
  }

  get address(): string {
    return this.#cell.address;
  }

  /** Made when first used: most actors never log. */
  get log(): Logger {
    this.#log ??= this.#environment.log.with({ actor: this.address });
    return this.#log;
  }

  get clock(): Clock {
    return this.#environment.clock;
  }

  get timers(): Timers {
    return this.#environment.timers;
  }

  get #environment(): ActorEnvironment {
    return this.#cell.environment;
  }

  spawn<S, M>(name: string, behaviour: Behaviour<S, M>, options: SpawnOptions<M> = {}): ActorRef<M> {
    return this.#cell.spawn({ name, behaviour, options }).handle;
  }

  tellSelfAfter(delayMs: number, message: Message): Timer {
    return this.#cell.after(delayMs, () => {
      this.#cell.tellSelf(message);
    });
  }

  stop(): void {
    this.#cell.detach();
  }

  stopChild(name: string): void {
    this.#cell.children?.get(name)?.detach();
  }

  watch(other: ActorRef<never>, build: (reason: EndReason) => Message): void {
    if (!(other instanceof CellRef))
      throw new TypeError(`${other.address} is not an actor of this process; only those can be watched`);
    other.cell.onEnd((reason) => {
      this.#cell.tellSelf(build(reason));
    });
  }
}
