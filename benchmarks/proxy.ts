/**
 * The service proxy: what Services cost a node, and what they cost a connection.
 *   node benchmarks/proxy.ts [--json FILE]      (as root: it makes network namespaces of its own)
 */
import { execFileSync } from 'node:child_process';
import { report } from './figures.ts';
import { connectionFigures } from './proxy/connections.ts';
import { ruleFigures } from './proxy/rules.ts';

const space = `trpb${process.pid}`;
execFileSync('ip', ['netns', 'add', space]);
try {
  report('Service proxy', [...(await ruleFigures(space)), ...(await connectionFigures(space))]);
} finally {
  execFileSync('ip', ['netns', 'del', space]);
}
