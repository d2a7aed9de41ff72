/** What the commands of the program share. */
import type { Command } from 'commander';
import type { Home, Settings } from '../main/index.ts';

/** The flags that tell every command its cluster. */
export interface HomeFlags {
  readonly home?: string | undefined;
  readonly cluster?: string | undefined;
}

/** What the program shares with its groups of commands. */
export interface Shell {
  /** Adds a command that takes HomeFlags. */
  readonly command: (parent: Command, name: string, description: string) => Command;
  readonly homeOf: (flags: HomeFlags) => Home;
  readonly settingsOf: (home: Home) => Settings;
  /** Address of a member that serves; a Problem when there is none. */
  readonly servingUrl: (home: Home) => Promise<string>;
  /** Parses an option that is an integer. */
  readonly whole: (text: string) => number;
  readonly out: (text: string) => void;
  readonly say: (text: string) => void;
}

/** The help text that ends with these command lines. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

/** How many nodes a member's machine runs. */
export const nodesOption = {
  flag: '--nodes <count>',
  description: 'separate node processes; 0: a control plane only (default: one node inside the member)',
};
