/** Where an actor's cell hangs in the tree, and what the tree sees of it. */
import type { Ref } from 'nact';
import type { Behaviour, SpawnOptions } from './actor.ts';
import type { Disturbance } from './disturbance.ts';
import type { ActorEnvironment } from './environment.ts';
import type { ActorNode, CrashRecord } from './tree.ts';

/** What the tree keeps of any cell, whatever its message type. */
export interface TreeCell {
  readonly name: string;
  readonly address: string;
  readonly children: ReadonlyMap<string, TreeCell> | undefined;
  node(): ActorNode;
  detach(): void;
  restart(): void;
  disturb(disturbance: Disturbance): number;
}

/** Where a cell hangs: another cell or the root. */
export interface CellParent {
  readonly address: string;
  readonly ref: Ref<never> | Ref<symbol>;
  readonly environment: ActorEnvironment;
  readonly children: ReadonlyMap<string, TreeCell> | undefined;
  adopt(child: TreeCell): void;
  abandon(child: TreeCell): void;
  /** A child's restarts are spent. */
  childEscalated(record: CrashRecord): void;
}

export interface CellDefinition<State, Message> {
  readonly name: string;
  readonly behaviour: Behaviour<State, Message>;
  readonly options: SpawnOptions<Message>;
  /** It has no work itself: an operator who restarts it means its children, which keep their mailboxes. */
  readonly supervisesOnly?: true | undefined;
}
