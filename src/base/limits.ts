/** Every limit of the product, and the relations between them. */
import { assert } from './assert.ts';

/** Units and bounds stand last in the names. */
export const limits = {
  /** The largest request body, as kube-apiserver has it (3 MiB). */
  requestBytesMax: 3 * 1024 * 1024,
  /** A YAML text that the event loop parses itself: its characters, and its lines and marks (indicators). */
  yamlBriefCharactersMax: 64 * 1024,
  yamlBriefMarksMax: 800,
  /**
   * Lines and marks of a YAML text that a worker thread parses, its time in ms, and the texts of one user, and of all,
   * that wait for it.
   */
  yamlMarksMax: 200_000,
  yamlMs: 5_000,
  yamlWaitingMax: 8,
  yamlWaitingAllMax: 32,
  /**
   * Members and items of a body in JSON: work on a body grows with them. The largest
   * definitions in use have 25,000. What `managedFields` holds counts towards the second bound only. The third is on
   * one object or list: an object of very many members takes ten times as long for each as a small one.
   */
  bodyValuesMax: 40_000,
  bodyOwnedValuesMax: 60_000,
  bodyMembersMax: 10_000,
  /** Errors about fields that an answer shows, and characters of each refused value (Kubernetes shows all). */
  refusedFieldsShownMax: 1_000,
  refusedValueCharactersMax: 10_000,
  /** Fields of a body in protobuf: an entry of a map has three. */
  protobufFieldsMax: 30_000,
  /** The largest review of rights or tokens: everybody may send one. */
  reviewBytesMax: 64 * 1024,
  /**
   * Bytes that the steps of one turn of the event loop may look at together: work on requests grows with them. What
   * looks at fewer than the second never waits.
   */
  turnBytesMax: 32 * 1024,
  turnBytesMin: 2 * 1024,
  /** For so long, in ms, a turn has room for further steps that look at fewer than `turnBytesMax`. */
  turnMs: 3,
  /** Terms of a label or field selector, values of all its lists, and its text. Each object is held to all of them. */
  selectorTermsMax: 256,
  selectorValuesMax: 10_000,
  /** Values of a selector within an object. Its terms, and a pod's rules of scheduling, are bounded as above. */
  storedSelectorValuesMax: 2_000,
  selectorCharactersMax: 256 * 1024,
  /** Parameters of a query, and characters of a continue token and of an Accept header. */
  queryParametersMax: 1_000,
  continueCharactersMax: 16 * 1024,
  acceptCharactersMax: 4 * 1024,
  /** Items of lists that one JSON patch may move by inserting and removing. */
  patchItemsMovedMax: 5_000_000,
  /**
   * Bytes of bodies of requests that a member holds at a time, from their first byte to their answer: of all, and of
   * those from one address.
   */
  bodiesBytesMax: 256 * 1024 * 1024,
  bodiesBytesPerAddressMax: 96 * 1024 * 1024,
  /**
   * Subscriptions of one connection to NATS: they take the server's memory. A member has one for each stream that it
   * sends, twelve for a node.
   */
  subscriptionsMax: 200_000,
  /** Bytes of audit events that wait for a backend. */
  auditWaitingBytesMax: 32 * 1024 * 1024,
  /** Requests of one HTTP/2 connection at a time, and bytes of a head in either protocol (both as in Kubernetes). */
  streamsPerConnectionMax: 250,
  headerBytesMax: 1024 * 1024,
  /** Slashes in a request's path: work on it grows with its parts. */
  pathSlashesMax: 1_000,
  /** The largest stored object (etcd's default request limit is 1.5 MiB). */
  objectBytesMax: 1536 * 1024,
  /** The largest piece of a snapshot, of its transfer and of a backup. */
  pieceBytesMax: 1024 * 1024,
  /** The largest payload of one bus message; larger ones travel in chunks. */
  busPayloadBytesMax: 1024 * 1024,
  /** Objects on one page of a list read from history. */
  pageItemsMax: 10_000,
  /** Events kept for watches that start at an older revision. */
  watchHistoryEventsMax: 50_000,
  /** Age after which history is compacted, in ms (kube-apiserver compacts every 5 min). */
  historyMs: 5 * 60_000,
  /** Watches, shells and other answers that last, of one user at one member. */
  standingPerUserMax: 10_000,
  /** Streams of one node to its pods (logs, shells, ports), and those of one namespace's. */
  nodeStreamsMax: 2_000,
  nodeStreamsPerNamespaceMax: 500,
  /** Bytes that may wait for one slow reader of a stream before it is ended. */
  streamWaitingBytesMax: 32 * 1024 * 1024,
  /** Objects, and bytes of them, that a conversion webhook gets in one review. */
  conversionObjectsMax: 500,
  conversionBytesMax: 2 * 1024 * 1024,
  /** Events that wait for a conversion webhook before their watch is ended. */
  conversionEventsMax: 10_000,
  /** Bodies that one member takes in pieces over NATS at a time, of all and of one sender. */
  uploadsMax: 64,
  uploadsPerSenderMax: 8,
  /** How long a request over NATS may take that names no deadline, in ms (kube-apiserver's request timeout). */
  requestMs: 60_000,
  /**
   * Requests that one member works on at a time, divided by the priority levels' shares (kube-apiserver: 400 reads and
   * 200 writes).
   */
  flowSeatsMax: 600,
  /** How long a request may wait for its turn, in ms (kube-apiserver: a quarter of the request timeout). */
  flowWaitMs: 15_000,
  /** Characters of one CEL expression, and of all of a policy: it compiles in one go (cel-go takes 100,000 of one). */
  celSourceMax: 30_000,
  celPolicyExpressionsMax: 400,
  /** What one CEL expression may cost, and all that run for one object or request (as in Kubernetes, in its units). */
  celCallCostMax: 1_000_000,
  celCostMax: 10_000_000,
  /** What the match conditions of one webhook or policy may cost together. */
  celConditionsCostMax: 2_500_000,
  /** What one expression of a definition may cost by estimate, and all of a schema. */
  celEstimateMax: 10_000_000,
  celEstimatesMax: 100_000_000,
  /** Messages that wait for one actor. */
  mailboxMessagesMax: 4_096,
  /** Messages of the system's own lane that wait for one actor: they overtake the others. */
  systemMessagesMax: 1_024,
  /** How long an operator may disturb an actor: it ends by itself. */
  disturbanceMsMax: 60_000,
  /** Children of one actor: nact's price per message grows with them. */
  childrenMax: 64,
  /** The default deadline of an ask, in ms. */
  askMs: 5_000,
  /**
   * How far the revision jumps with a restore or a recovery, to lie past all that can have been written since: the
   * least, and so many for each ms that has passed. Once a day, the least lasts for 20,000 years of safe numbers.
   */
  lostRevisionsMin: 2 ** 30,
  lostRevisionsPerMs: 32,
  /** Proposals that wait for the log before new ones are refused. */
  proposalsMax: 8_192,
  /** Bytes of them; one always fits. */
  proposalsBytesMax: 64 * 1024 * 1024,
  /**
   * Bytes of entries that a leader takes before they are committed and on its own disk: they cannot leave its memory.
   * One always fits.
   */
  pendingLogBytesMax: 64 * 1024 * 1024,
  /** Linearisable reads of one member that wait, its rounds at a time, and the rounds of all at the leader. */
  readsWaitingMax: 16_384,
  readRoundsMax: 32,
  readsAtLeaderMax: 1_024,
  /** When what was proposed has waited for so long, new writes are refused, in ms: no election takes as long. */
  logStuckMs: 3_000,
  /** How long a write may wait for its commit, in ms. */
  proposalMs: 10_000,
  /** A member that has known no leader for so long refuses what needs one, in ms: no election takes as long. */
  leaderlessMs: 2_500,
  /** Bytes of one batch of log entries. */
  batchBytesMax: 4 * 1024 * 1024,
  /** Size of one log segment. */
  segmentBytes: 16 * 1024 * 1024,
  /** Log entries between two snapshots. */
  snapshotEntries: 50_000,
  /** The default life of an Event, in ms (as in Kubernetes: one hour). */
  eventMs: 60 * 60_000,
  /** Events and Leases that are stored at most. */
  eventsMax: 100_000,
  leasesMax: 50_000,
  /** Restarts of one actor within `restartWindowMs` before its supervisor escalates. */
  restartsMax: 10,
  restartWindowMs: 60_000,
  /** First and longest pause before an actor restarts. */
  restartBackoffMs: 50,
  restartBackoffMsMax: 30_000,
  /** How long a parked actor rests before the next try; it doubles with each try that fails. */
  parkedMs: 30_000,
  parkedMsMax: 10 * 60_000,
  /** Crash records that are kept, in memory and on disk. */
  crashRecordsMax: 1_000,
  /** Steps of traces that one process remembers. */
  traceStepsMax: 10_000,
  /**
   * What waits this long is no longer part of the request that began it: else probes and heartbeats would be, for ever.
   */
  traceTimerMs: 1_000,
  /** Rules that give single actors another log level. */
  logRulesMax: 100,
  /** Processes and actors (of one process) that the supervision's picture holds. */
  supervisedProcessesMax: 10_000,
  supervisedActorsMax: 200_000,
  /** Actors of one answer to `troupe actor list`. */
  actorsListedMax: 10_000,
  /** A process that says nothing for this long is silent; after the second time it is no longer shown. */
  processSilentMs: 3_500,
  processForgottenMs: 10 * 60_000,
  /**
   * How often an event loop shows that it turns, and how long it may stand still before its process is ended, in ms: no
   * work holds it for a second; a start that reads a large snapshot, and a disk that hangs, hold it for longer.
   */
  loopBeatMs: 1_000,
  loopStuckMs: 60_000,
  /** What the replay reaches back to, and the memory of its changes. */
  replayMs: 60 * 60_000,
  replayBytesMax: 16 * 1024 * 1024,
  /** Happenings on the time line within one second. */
  timelineEventsPerTickMax: 200,
  /**
   * Bytes that wait for one slow reader of the supervision feed are bounded by its connection; viewers at once are
   * bounded here.
   */
  supervisionViewersMax: 200,
} as const;

/** The relations that must hold between the limits; checked once at start. */
export function assertLimits(values: typeof limits = limits): void {
  assert(values.objectBytesMax < values.requestBytesMax, 'an object of the largest size fits into a request');
  assert(
    values.yamlBriefCharactersMax < values.requestBytesMax && values.yamlBriefMarksMax < values.yamlMarksMax,
    'a worker thread parses longer YAML than the event loop',
  );
  assert(
    values.requestBytesMax < values.bodiesBytesPerAddressMax && values.bodiesBytesPerAddressMax < values.bodiesBytesMax,
    'one address has room for many bodies, and not for all',
  );
  assert(
    values.bodyMembersMax < values.bodyValuesMax && values.bodyValuesMax < values.bodyOwnedValuesMax,
    'an object of the most members fits into a body, and so does what says whose they are',
  );
  assert(values.turnBytesMin < values.turnBytesMax, 'a turn of the event loop has room for several small steps');
  assert(values.requestBytesMax < values.batchBytesMax, 'a batch holds the largest request');
  assert(values.proposalMs < values.requestMs, 'a write is decided before its request is given up');
  assert(
    values.flowWaitMs + values.proposalMs < values.requestMs,
    'a write that waited for its turn is still decided in time',
  );
  assert(values.nodeStreamsPerNamespaceMax * 2 <= values.nodeStreamsMax, 'one namespace leaves room for others');
  assert(values.requestBytesMax < values.streamWaitingBytesMax, 'a stream holds the largest object');
  assert(
    values.batchBytesMax < values.proposalsBytesMax && values.batchBytesMax < values.pendingLogBytesMax,
    'what waits for the log holds the largest batch',
  );
  assert(
    values.leaderlessMs <= values.logStuckMs && values.logStuckMs < values.proposalMs,
    'new writes are refused before those that wait are given up',
  );
  assert(values.readRoundsMax < values.readsAtLeaderMax, 'the leader takes all rounds of one member');
  assert(values.batchBytesMax < values.segmentBytes, 'a log segment holds the largest batch');
  assert(
    values.celCallCostMax <= values.celConditionsCostMax && values.celConditionsCostMax <= values.celCostMax,
    'a budget of expressions holds the dearest one',
  );
  assert(values.askMs < values.proposalMs, 'an ask gives up before the write that it may cause');
  assert(
    values.processSilentMs < values.processForgottenMs && values.processForgottenMs < values.replayMs,
    'a process falls silent, is forgotten and leaves the replay, in this order',
  );
  assert(
    values.leaderlessMs < values.askMs,
    'who waits for a leader hears that there is none before its own patience ends',
  );
  assert(
    values.loopBeatMs * 10 <= values.loopStuckMs && values.yamlMs * 10 <= values.loopStuckMs,
    'a process is ended only when its event loop stands still for far longer than any work takes',
  );
  assert(values.restartBackoffMs < values.restartBackoffMsMax, 'the back-off grows');
  assert(
    values.restartBackoffMsMax <= values.parkedMs,
    'a parked actor rests at least as long as a failing one pauses',
  );
  assert(values.parkedMs < values.parkedMsMax, 'the rest of a parked actor grows');
}
