/**
 * The role of a node: the agent that runs pods, and the proxies of Ingresses, built from ports (startNode) and given
 * this machine's by runNode.
 */
export { pingMsOf } from './node-connection.ts';
export { renewedToken } from './node-token.ts';
export { nodeNameOf, startNode } from './node.ts';
export { shutDownNodes } from './node-shutdown.ts';
export { purge } from './purge.ts';
export { hollowNodes, hollowNodesMax, runHollowNodes } from './run-hollow-nodes.ts';
export { runNode } from './run-node.ts';
