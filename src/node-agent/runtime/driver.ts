/** What a container runtime brings along beside its adapter of the port: settings, a check of the engine, its unit. */
import type { Clock, Timers } from '../../base/index.ts';
import type { LogLimits } from './log-limits.ts';
import type { ContainerRuntime } from './runtime.ts';

/** One thing that this machine must have. `fix` is the command that brings it. */
export interface MachineFinding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix: string;
  /** A cluster runs without it; some workloads do not. */
  readonly isAdvice?: boolean | undefined;
}

/** The path of a program; undefined: this machine has none of the name. */
export type FindProgram = (name: string) => string | undefined;

/** A text under `node:` in the settings, and the option of `troupe join` that gives it. */
export interface RuntimeSetting<Key extends string> {
  /** The option's name in camel case. */
  readonly key: Key;
  /** `--some-name <value>`. */
  readonly flag: string;
  readonly description: string;
}

/** A runtime by its name in the settings. `Key`: the settings that it reads. */
export interface RuntimeDriver<Key extends string> {
  /** Each has its default in config/defaults.yaml. */
  readonly settings: readonly RuntimeSetting<Key>[];
  /**
   * Whether containers are processes of this machine. If not, the machine's network and files stay as they are, nothing
   * answers behind a Service or an Ingress, and a purge has nothing to remove.
   */
  readonly runsProcesses: boolean;
  /** The systemd unit that must run before a node can. */
  readonly systemdUnit?: string | undefined;
  /** Whether the engine answers; absent: nothing to check. */
  readonly finding?:
    | ((
        settings: Readonly<Record<Key, string>>,
        ports: { readonly findProgram: FindProgram; readonly clock: Clock },
      ) => Promise<MachineFinding>)
    | undefined;
  /** Opens the engine; it may be down, or come and go. */
  open(
    settings: Readonly<Record<Key, string>>,
    ports: { readonly clock: Clock; readonly timers: Timers; readonly logs?: LogLimits | undefined },
  ): ContainerRuntime;
}
