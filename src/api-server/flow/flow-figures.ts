/** What the requests of one FlowSchema do at its priority level, as metrics tell it. */
import type { Metrics } from '../../base/index.ts';
import type { Refusal } from './priority-level.ts';

/** Counts as requests pass, and hands the figures to the metrics when they are read: a request costs two additions. */
export class FlowFigures {
  readonly #metrics: Metrics;
  readonly #labels: { readonly flow_schema: string; readonly priority_level: string };
  #dispatched = 0;
  #told = 0;
  executing = 0;
  waiting = 0;

  constructor(metrics: Metrics, schema: string, level: string) {
    this.#metrics = metrics;
    this.#labels = { flow_schema: schema, priority_level: level };
  }

  /** Nothing of the schema is under way. */
  get idle(): boolean {
    return this.executing === 0 && this.waiting === 0;
  }

  dispatched(): void {
    this.#dispatched += 1;
    this.executing += 1;
  }

  refused(reason: Refusal): void {
    this.#metrics.count('apiserver_flowcontrol_rejected_requests_total', { ...this.#labels, reason });
  }

  /** A request waits no longer; `execute`: it has its turn. */
  waited(ms: number, execute: boolean): void {
    this.waiting -= 1;
    const labels = { ...this.#labels, execute: String(execute) };
    this.#metrics.observe('apiserver_flowcontrol_request_wait_duration_seconds', ms / 1_000, labels);
  }

  measure(): void {
    const labels = this.#labels;
    this.#metrics.gauge('apiserver_flowcontrol_current_executing_requests', this.executing, labels);
    // Every request has one seat.
    this.#metrics.gauge('apiserver_flowcontrol_current_executing_seats', this.executing, labels);
    this.#metrics.gauge('apiserver_flowcontrol_current_inqueue_requests', this.waiting, labels);
    this.#metrics.count('apiserver_flowcontrol_dispatched_requests_total', labels, this.#dispatched - this.#told);
    this.#told = this.#dispatched;
  }
}
