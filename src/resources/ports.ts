/** What the write path works with, and what it is made of. */
import type { AccessAnswer, AccessQuestion } from '../api/index.ts';
import type { Clock, Logger, Metrics, Random, Timers, TraceScope, Turns } from '../base/index.ts';
import type { Compare, Store } from '../state/index.ts';
import type { AdmissionRequest } from './admission/request.ts';
import type { Allocator } from './allocation/index.ts';
import type { ResourceCatalogue } from './catalogue.ts';
import type { Requester } from './service.ts';
import type { ResourceSettings } from './settings.ts';
import type { WebhookCall } from './webhook-client.ts';

/** What a token is asked for (authentication.k8s.io TokenRequest). */
export interface TokenOrder {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly serviceAccountUid: string;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  /** The object that the token lives and dies with. */
  readonly boundObject?:
    | {
        readonly apiVersion: string;
        readonly kind: string;
        readonly name: string;
        readonly uid: string;
      }
    | undefined;
}

export interface IssuedToken {
  readonly token: string;
  readonly expirationTimestamp: string;
  readonly audiences: readonly string[];
}

/**
 * One rule of admission. All `admit` run first, in order, and may change the object; then the object is prepared and
 * validated, then all `validate` run. A refusal is a StatusError that is thrown. A plug-in that can answer at once
 * answers without a promise.
 */
export interface AdmissionPlugin {
  readonly name: string;
  /** It is asked about connections (CONNECT) too. */
  readonly connects?: boolean | undefined;
  admit?(request: AdmissionRequest, ports: WritePorts): void | Promise<void>;
  validate?(request: AdmissionRequest, ports: WritePorts): void | Promise<void>;
}

export interface ServiceDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly settings?: Partial<ResourceSettings> | undefined;
  /** Further admission plug-ins, after the built-in mutating ones and before quota. */
  readonly admission?: readonly AdmissionPlugin[] | undefined;
  /**
   * Reaches the webhooks that convert custom objects; absent: such objects can be had in the version they are stored in
   * only.
   */
  readonly callWebhook?: WebhookCall | undefined;
  /** Answers what expressions of admission ask of the authorizers; absent: nothing is allowed. It never rejects. */
  readonly authorize?: ((question: AccessQuestion) => AccessAnswer | Promise<AccessAnswer>) | undefined;
  /** Signs tokens for serviceaccounts/token; absent: such requests are refused. */
  readonly issueToken?: ((order: TokenOrder) => Promise<IssuedToken>) | undefined;
  /** Follows requests into the store; absent: none is followed. */
  readonly traces?: TraceScope | undefined;
  /** Divides work on large objects between turns of the event loop; absent: it is done in one. */
  readonly turns?: Turns | undefined;
}

/** What every part of the write path works with. */
export interface WritePorts {
  readonly store: Store;
  /** Every transaction compares it too: for work that is only this member's while it owns a shard. */
  readonly fence?: Compare | undefined;
  readonly traces?: TraceScope | undefined;
  readonly turns?: Turns | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly settings: ResourceSettings;
  readonly admission: readonly AdmissionPlugin[];
  readonly allocator: Allocator;
  readonly catalogue: ResourceCatalogue;
  readonly callWebhook: WebhookCall | undefined;
  readonly authorize: ServiceDependencies['authorize'];
  readonly issueToken: ServiceDependencies['issueToken'];
}

/** The user for writes that the write path makes by itself. */
export const systemUser: Requester = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };
