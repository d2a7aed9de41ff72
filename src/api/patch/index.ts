/**
 * The ways to change an object by a description of the change: JSON patch, merge patch, strategic merge patch and
 * server-side apply, and the record of who owns which field (managedFields).
 *
 * Contract: pure functions of parsed JSON; arguments are never changed. What they make is JSON again and has to be
 * decoded against the schema and defaulted by the caller, as upstream does. Whoever cannot go on throws the StatusError
 * that upstream answers. Follows evanphx/json-patch v4, RFC 7386, util/strategicpatch, and structured-merge-diff with
 * apimachinery's managedfields.
 */
export { applyServerSide, applySteps } from './apply.ts';
export { goText } from './go-text.ts';
export { mergeConfiguration } from './configuration.ts';
export { isFailedTest, jsonPatch, patchFailure } from './json-patch.ts';
export { managedFieldsProblem } from './managed-fields-check.ts';
export { keepManagedTimes, managedFieldsSteps, updateManagedFields } from './managed-fields.ts';
export { mergePatch } from './merge-patch.ts';
export { type ListKey, type MapNode, type MergeNode, nodeOfType } from './merge-schema.ts';
export { ownersOfScale, ownersOfScaled, type ReplicasPlace } from './scale-owners.ts';
export { strategicPatch } from './strategic-patch.ts';
