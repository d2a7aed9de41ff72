/** What a control of the benchmark is. */
import type { ExaminedCluster } from './examined-cluster.ts';
import { type Verdict, verdict } from './verdict.ts';

type Check = (cluster: ExaminedCluster) => Verdict | Promise<Verdict>;

/** One control of the CIS Kubernetes Benchmark; the titles are ours. */
export interface Control {
  readonly id: string;
  readonly title: string;
  readonly check: Check;
}

/** A row of the table. */
export const control = (id: string, title: string, check: Check): Control => ({ id, title, check });

/** A control about something that Troupe does not have. */
export const without = (reason: string) => (): Verdict => ({ state: 'not applicable', detail: reason });

/** A control that only people can judge. */
export const judgedByPeople = (reason: string) => (): Verdict => ({ state: 'manual', detail: reason });

/** A control that no setting can break. */
export const builtIn = (detail: string) => (): Verdict => ({ state: 'pass', detail: `built in: ${detail}` });

type Files = (cluster: ExaminedCluster) => readonly string[];

/** Only the owner enters, reads or changes the files. */
export const privateFiles =
  (files: Files): Check =>
  (cluster) =>
    cluster.privateFiles(files(cluster));

export const ownedByRoot =
  (files: Files): Check =>
  (cluster) =>
    cluster.ownedByRoot(files(cluster));

/** None of the ports that the processes of Kubernetes have is open. */
export const noPort =
  (...ports: readonly number[]): Check =>
  (cluster) =>
    cluster.noPort(...ports);

/** An admission plug-in that settings turn on. */
export const plugInIsOn =
  (name: 'EventRateLimit' | 'ImagePolicyWebhook'): Check =>
  ({ settings }) => {
    const on = settings.admissionPlugins?.[name] === true;
    return verdict(on, `admissionPlugins.${name}: ${String(on)}`);
  };

export const seccompByDefault: Check = ({ settings: { node } }) =>
  verdict(node.seccompDefault === true, `node.seccompDefault: ${String(node.seccompDefault ?? false)}`);
