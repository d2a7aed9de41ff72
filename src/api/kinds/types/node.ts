import type { ObjectMeta } from './meta.ts';
import type { Toleration } from './pod-spec.ts';

export interface Overhead {
  podFixed?: Record<string, string>;
}
export interface RuntimeClass {
  apiVersion?: string;
  handler?: string;
  kind?: string;
  metadata?: ObjectMeta;
  overhead?: Overhead;
  scheduling?: Scheduling;
}
export interface Scheduling {
  nodeSelector?: Record<string, string>;
  tolerations?: Toleration[];
}
