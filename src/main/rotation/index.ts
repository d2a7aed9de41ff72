/**
 * Rotation of the cluster's own secrets while it runs: the certificate authorities, the key of service accounts'
 * tokens, the secrets of NATS, the administrator's token.
 *
 *   operator ──▶ conductor ──▶ record in the store: step, sealed secrets ──▶ follower on every member
 *                   ▲                                                            │ files of the home, then their use
 *                   └── who has taken the step: members' keys, nodes' Leases ◀───┘
 *
 *   trust   new secrets are believed beside the old ones
 *   renew   the new ones are used: certificates, tokens, passwords, NATS servers start anew with theirs
 *   drop    the old ones open nothing any more
 *
 * A step is ordered when everybody has taken the one before, so at each moment what one shows the other believes. Each
 * step is done again where it was interrupted. The secrets travel sealed to each member's own key: whoever has the old
 * secrets, a removed member among them, cannot read them.
 */
export { type NodeStanding, rotationConductor, type RotationConductor } from './conductor.ts';
export { followRotation, type RotationUse } from './follower.ts';
export { acceptedAdminTokens } from './home-rotation.ts';
export { takeMissedStep } from './missed-step.ts';
export { isRotating, type RotationStep } from './rotation-record.ts';
