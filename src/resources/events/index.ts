/** Events (core/v1) of a component: counted up, combined and bounded as client-go's recorder does it. */
export { type EventRecorder, eventRecorder } from './event-recorder.ts';
