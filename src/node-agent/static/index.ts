/**
 * Static pods: what the files of a folder on the node say, run by its agent whatever the API says of it.
 *
 *   folder ── read every two seconds ──> StaticPods ── client and view of the pods' actors
 *                                             │ a mirror for each, which shows its status
 *                                             └──> API
 *
 * Contract: a static pod's uid is a hash of its node, file and text, so another text is another pod, which starts
 * when the one before has ended. Its mirror carries that uid in an annotation and belongs to the Node; who deletes the
 * mirror deletes nothing on the node, and it is made again. Follows the kubelet's file source.
 */
export { isStaticPod, uidOnNode } from './static-pod.ts';
export { startStaticPods } from './static-source.ts';
