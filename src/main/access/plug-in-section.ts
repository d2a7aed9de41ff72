/** The configuration of one admission plug-in, as it stands in a file. */

export type Tree = Readonly<Record<string, unknown>>;

export interface PlugInSection {
  /** The file that it stands in: for messages, and for paths that are relative to it. */
  readonly file: string;
  readonly tree: Tree;
}
