import type { EventSource } from './core.ts';
import type { ObjectMeta } from './meta.ts';
import type { ObjectReference } from './reference.ts';

export interface Event {
  action?: string; apiVersion?: string; deprecatedCount?: number; deprecatedFirstTimestamp?: string; deprecatedLastTimestamp?: string;
  deprecatedSource?: EventSource; eventTime?: string; kind?: string; metadata?: ObjectMeta; note?: string; reason?: string;
  regarding?: ObjectReference; related?: ObjectReference; reportingController?: string; reportingInstance?: string; series?: EventSeries;
  type?: string;
}
export interface EventSeries { count?: number; lastObservedTime?: string; }
