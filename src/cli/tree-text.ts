/** The supervision tree as text for the terminal. */
import pc from 'picocolors';

/** One actor in the answer of /troupe/api/tree. */
export interface TreeNode {
  readonly name: string;
  readonly state: string;
  readonly restarts: number;
  readonly mailbox: number;
  readonly handled: number;
  readonly lastCrash?: { readonly error: string; readonly messageType: string };
  readonly children: readonly TreeNode[];
}

/** Indented, one actor per line. */
export function treeText(root: TreeNode): string {
  const lines: string[] = [pc.bold(root.name)];
  const visit = (node: TreeNode, indent: string, last: boolean): void => {
    lines.push(`${indent}${last ? '└─ ' : '├─ '}${describe(node)}`);
    const below = `${indent}${last ? '   ' : '│  '}`;
    node.children.forEach((child, i) => {
      visit(child, below, i === node.children.length - 1);
    });
  };
  root.children.forEach((child, i) => {
    visit(child, '', i === root.children.length - 1);
  });
  return lines.join('\n');
}

function describe(node: TreeNode): string {
  const state = node.state === 'running' ? pc.green(node.state) : pc.yellow(node.state);
  const parts = [node.name, state, pc.dim(`${node.handled} handled`)];
  if (node.mailbox > 0) parts.push(`${node.mailbox} waiting`);
  if (node.restarts > 0) parts.push(pc.yellow(`${node.restarts} restarts`));
  if (node.lastCrash !== undefined)
    parts.push(pc.red(`last crash on ${node.lastCrash.messageType}: ${node.lastCrash.error}`));
  return parts.join('  ');
}
