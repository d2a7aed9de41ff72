/** What the process of the agent and the one that plays the rest of the world tell each other. */
import { StatusError, type KubeObject } from '../../../src/api/index.ts';
import { RuntimeError } from '../../../src/node-agent/runtime/index.ts';
import type { ObjectChange } from '../../../src/resources/index.ts';
import type { RuntimeEvent } from '../../../src/node-agent/runtime/index.ts';

type Change = Pick<ObjectChange, 'type' | 'resource'> & { readonly object: KubeObject };

/** To the agent. */
export type ToAgent =
  | { readonly type: 'answer'; readonly id: number; readonly value?: unknown; readonly failure?: Failure | undefined }
  | { readonly type: 'change'; readonly change: Change }
  | { readonly type: 'synced' }
  | { readonly type: 'event'; readonly event: RuntimeEvent };

/** From the agent: one call of a port. */
export interface FromAgent {
  readonly id: number;
  readonly port: 'client' | 'engine';
  readonly method: string;
  readonly args: readonly unknown[];
}

/** An error as it crosses to another process. */
interface Failure {
  readonly name: string;
  readonly message: string;
  /** The reason of a StatusError, the code of a RuntimeError. */
  readonly reason: string;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof StatusError) return { name: error.name, message: error.message, reason: error.reason };
  if (error instanceof RuntimeError) return { name: error.name, message: error.message, reason: error.code };
  return { name: 'Error', message: error instanceof Error ? error.message : String(error), reason: '' };
}

export function errorOf({ name, message, reason }: Failure): Error {
  if (name === 'StatusError') return new StatusError(reason as 'NotFound', message);
  if (name === 'RuntimeError') return new RuntimeError(reason as 'failed', message);
  return new Error(message);
}
