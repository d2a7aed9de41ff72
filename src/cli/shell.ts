import type { Command } from 'commander';
import type { Home, Settings } from '../main/index.ts';

/** The flags by which every command finds its cluster. */
export interface HomeFlags {
  readonly home?: string;
  readonly cluster?: string;
}

/** What the program shares with its groups of commands. */
export interface Shell {
  /** Adds a command that takes HomeFlags. */
  readonly command: (parent: Command, name: string, description: string) => Command;
  readonly homeOf: (flags: HomeFlags) => Home;
  readonly settingsOf: (home: Home) => Settings;
  /** Address of a member that serves; a Problem when there is none. */
  readonly servingUrl: (home: Home) => Promise<string>;
  /** Parses an option that is a whole number. */
  readonly whole: (text: string) => number;
  readonly out: (text: string) => void;
  readonly say: (text: string) => void;
}
