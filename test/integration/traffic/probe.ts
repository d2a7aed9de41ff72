/** What a prober is asked and what it tells: one line of JSON each. */

export interface Probe {
  readonly id: string;
  readonly protocol: 'tcp' | 'udp' | 'http';
  readonly address: string;
  readonly port: number;
  /** With HTTP: the Host that it asks for. */
  readonly host?: string | undefined;
  /** It asks on until so many different pods have answered, at least `least` and at most `most` times. */
  readonly pods: number;
  readonly least: number;
  readonly most: number;
  readonly timeoutMs: number;
  /** Probes with the same word are asked one after the other, the first question of each alone. */
  readonly turn?: string | undefined;
}

export interface Answer {
  readonly pod: string;
  /** The address by which the pod saw the prober. */
  readonly peer: string;
}

export interface Outcome {
  readonly id: string;
  readonly answers: readonly Answer[];
  /** What went wrong, each as often as it did: `ECONNREFUSED`, `ECONNRESET`, `silence`, a status of HTTP. */
  readonly failures: readonly string[];
  /** The slowest answer or refusal; silence does not count. */
  readonly slowestMs: number;
}

/** Asks cluster DNS for a name. */
export interface Question {
  readonly id: string;
  readonly protocol: 'dns';
  readonly server: string;
  readonly name: string;
}

export interface Addresses {
  readonly id: string;
  readonly addresses: readonly string[];
  /** The resolver's code, such as ENOTFOUND; '' where there was an answer. */
  readonly failure: string;
}

/** Begins a flow, which goes on until `end` names it. */
export interface FlowAsked {
  readonly id: string;
  readonly protocol: 'flow';
  readonly over: FlowKind;
  readonly address: string;
  readonly port: number;
}

/** `told`: over TCP, and only the pod speaks; the others have an answer for each question. */
export type FlowKind = 'tcp' | 'udp' | 'told';

/** A pod that hears this goes on speaking by itself. */
export const goOn = 'go on\n';

/** Asks how a flow fares, or ends it. */
export interface FlowQuestion {
  readonly id: string;
  readonly protocol: 'state' | 'end';
  readonly flow: string;
}

/** How a flow fared since it was last asked about. */
export interface FlowState {
  readonly id: string;
  readonly heard: number;
  /** How long it has heard nothing, and the longest such time. */
  readonly silentMs: number;
  readonly longestMs: number;
  /** How many connections it took, from the beginning. */
  readonly opened: number;
  /** Who answered last. */
  readonly pod: string;
}
