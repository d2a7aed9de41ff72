/** External controllers: their registration, requests to reconcile, heartbeats. */

/**
 * External controllers: programs in any language that own the objects of some kinds, as supervised participants.
 *
 *   participant -- request on troupe.<cluster>.participants: Registration ---> member
 *   participant <- reply {status: 201, body: RegisteredParticipant}, its reply subject is the control subject
 *   participant -- heartbeats to the control subject ------------------------> member
 *   participant <- request on its inbox: ReconcileRequest -------------------- member
 *   participant -- reply: ReconcileAnswer -----------------------------------> member
 *
 * Several instances may register under one name: each key is with one of them at a time. One that misses three
 * heartbeats, or lets a request wait too long, is replaced: its epoch ends, and its keys go to another instance. Its
 * writes carry the header `Troupe-Epoch: <fence>`, so a late one is refused.
 */
export interface Registration {
  readonly type: 'register';
  /** The controller's name, shared by its instances. */
  readonly name: string;
  /** Tells the instances of one controller apart; one that comes again under its name replaces its former self. */
  readonly instance: string;
  /** The kinds whose objects it reconciles. Registering needs the right to watch them. */
  readonly resources: readonly RegistrationResource[];
  /** The subject on which the instance answers requests. */
  readonly inbox: string;
  /** How often it sends a heartbeat, in ms. */
  readonly heartbeatMs?: number;
  /** How long one reconcile request may take, in ms. */
  readonly reconcileMs?: number;
}

export interface RegistrationResource {
  readonly group: string;
  readonly resource: string;
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
}

export interface RegisteredParticipant {
  readonly epoch: number;
  /** The value of the header `Troupe-Epoch`. */
  readonly fence: string;
  readonly heartbeatMs: number;
  readonly reconcileMs: number;
}

/**
 * To the control subject. An empty message comes back when the member does not know the participant any more: register
 * anew.
 */
export interface ParticipantControl {
  readonly type: 'heartbeat' | 'leave';
}

/** To the inbox; `stop` says that the epoch is over. */
export interface ReconcileRequest {
  readonly type: 'reconcile' | 'stop';
  readonly epoch: number;
  readonly group?: string | undefined;
  readonly resource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly reason?: string | undefined;
}

export interface ReconcileAnswer {
  readonly type: 'done' | 'failed';
  /** With `done`: when to ask again without a change. */
  readonly requeueAfterMs?: number;
  readonly message?: string;
}
