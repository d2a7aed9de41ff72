/** Types and resources of events.k8s.io, version v1, in the form that type-entry.ts reads. */

export const eventsV1 = `
Event@
  # Report of something that happened to an object. Events are removed after a short time.
  resource events event namespaced * short=ev stored=core/v1
  metadata+:1:meta/v1.ObjectMeta
  eventTime!+:2:mt
    # When it was first seen, to the microsecond.
  series*:3:EventSeries
    # How it went on, if it was seen again and again.
  reportingController:4:s
    # Name of the controller that reports it.
  reportingInstance:5:s
    # Which instance of the controller.
  action:6:s
    # What was done or failed.
  reason:7:s
    # Why it happened, as one word for programs.
  regarding+:8:core/v1.ObjectReference
    # Object that the event is about.
  related*:9:core/v1.ObjectReference
    # A second object that has to do with it.
  note:10:s
    # What happened, as text for people.
  type:11:s
    # Normal or Warning.
  deprecatedSource+:12:core/v1.EventSource
    # Who saw it, as core/v1 has it.
  deprecatedFirstTimestamp+:13:t
    # When it was first seen, as core/v1 has it.
  deprecatedLastTimestamp+:14:t
    # When it was last seen, as core/v1 has it.
  deprecatedCount:15:i32
    # How often it was seen, as core/v1 has it.

EventList@
  # A list of objects of the kind Event.
  metadata+:1:meta/v1.ListMeta
  items!+:2:[]Event

EventSeries
  # An event that was seen again and again.
  count!+:1:i32
    # How often so far.
  lastObservedTime!+:2:mt
    # When it was last seen.
`;
