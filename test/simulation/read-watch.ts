/** Whether every linearisable read was proven: a majority answered a question that its leader asked after it began. */
import type { Message, Raft, Ready } from '../../src/raft/core/index.ts';
import { membershipsOf, withoutMajority } from './core-watch.ts';
import type { Ledger } from './ledger.ts';

/** One term of a leader. */
interface Lead {
  readonly term: number;
  /** The newest number that its heartbeats carried. */
  asked: number;
  /** By member: the newest number that it answered. */
  readonly answered: Map<string, number>;
  /**
   * Reads under way, by asker and context: the newest number that was asked when they began. More than one where a
   * read was asked for again between its proof and its answer.
   */
  readonly begun: Map<string, number[]>;
}

export class ReadWatch {
  readonly #ledger: Ledger;
  readonly #leads = new WeakMap<Raft, Lead>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** A leader takes a read of `from`. */
  onRead(raft: Raft, from: string, context: number): void {
    if (raft.role !== 'leader') return;
    const lead = this.#leadOf(raft);
    const key = `${from}/${context}`;
    const begun = lead.begun.get(key) ?? [];
    lead.begun.set(key, begun);
    // One that waits for its proof still is the same read.
    const last = begun.at(-1);
    if (last === undefined || silentSince(raft, lead, last) === undefined) begun.push(lead.asked);
  }

  /** A leader is told something. */
  onMessage(raft: Raft, message: Message): void {
    if (message.type === 'read') this.onRead(raft, message.from, message.context);
    if (raft.role !== 'leader' || message.type !== 'heartbeat-response' || message.term !== raft.term) return;
    const { answered } = this.#leadOf(raft);
    answered.set(message.from, Math.max(answered.get(message.from) ?? 0, message.read));
  }

  onReady(raft: Raft, { messages, reads }: Ready): void {
    if (raft.role !== 'leader') return;
    const lead = this.#leadOf(raft);
    const self = raft.identity.member;
    const answers = [
      ...reads.map(({ context }) => `${self}/${context}`),
      ...messages.flatMap((message) => (message.type === 'read-response' ? [`${message.to}/${message.context}`] : [])),
    ];
    for (const key of answers) {
      const begun = lead.begun.get(key);
      if (begun === undefined)
        this.#ledger.fail('unproven-read', `${self} answers a read that it was not asked for in term ${lead.term}`);
      const after = begun?.shift();
      if (after === undefined) continue;
      const silent = silentSince(raft, lead, after);
      if (silent !== undefined)
        this.#ledger.fail(
          'unproven-read',
          `${self} answers a read although most of ${silent.join()} have answered nothing that it asked since`,
        );
    }
    for (const message of messages) if (message.type === 'heartbeat') lead.asked = Math.max(lead.asked, message.read);
  }

  #leadOf(raft: Raft): Lead {
    const known = this.#leads.get(raft);
    if (known?.term === raft.term) return known;
    const lead = { term: raft.term, asked: 0, answered: new Map<string, number>(), begun: new Map<string, number[]>() };
    this.#leads.set(raft, lead);
    return lead;
  }
}

/** The voters of a membership most of whom have answered nothing that was asked after this number. */
function silentSince(raft: Raft, { answered }: Lead, after: number): readonly string[] | undefined {
  const { member } = raft.identity;
  return withoutMajority(membershipsOf(raft), (voter) => voter === member || (answered.get(voter) ?? 0) > after);
}
