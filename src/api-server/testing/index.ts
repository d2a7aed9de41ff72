/**
 * What tests of the API server stand on: its handler over a fake service and view, time that moves by hand, and readers
 * of answers.
 */
export { bodyJson, bodyText, CollectingSink, streamOf } from './answers.ts';
export { type DoorHarness, startDoor } from './door-harness.ts';
export { changeEvent, configMap, FakeService } from './fake-service.ts';
export { FakeView } from './fake-view.ts';
export { HandTime } from './hand-time.ts';
export { bind, role } from './rbac-objects.ts';
export { hostileGround, hostileKinds, type HostileRequest } from './hostile-requests.ts';
export { longestTurns, processorMs } from './loop-probe.ts';
