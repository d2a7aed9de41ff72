/** Types and resources of events.k8s.io, version v1, in the form that type-entry.ts reads. */

export const eventsV1 = `
Event@
  # Report of something that happened to an object. Events are removed after a short time.
  resource events event namespaced * short=ev stored=core/v1
  metadata+:1:meta/v1.ObjectMeta
  eventTime!+:2:mt
  series*:3:EventSeries
  reportingController:4:s
  reportingInstance:5:s
  action:6:s
  reason:7:s
  regarding+:8:core/v1.ObjectReference
  related*:9:core/v1.ObjectReference
  note:10:s
  type:11:s
  deprecatedSource+:12:core/v1.EventSource
  deprecatedFirstTimestamp+:13:t
  deprecatedLastTimestamp+:14:t
  deprecatedCount:15:i32

EventList@
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Event

EventSeries
  count!+:1:i32
  lastObservedTime!+:2:mt
`;
