/**
 * `troupe chaos`: breaks a cluster on purpose while clients work, and says whether it kept its promises and how long
 * each recovery took.
 *
 *   scenario + seed ──▶ schedule of faults ───────────┐
 *   target (a cluster, and what may be broken in it) ─┼─▶ run ──▶ report with a verdict ──▶ terminal, JSON, page
 *   workloads (clients with a memory) ────────────────┘
 *
 * Contract: a schedule follows from its seed; every fault proves that it took effect and is undone, also after Ctrl-C;
 * an outcome that a client did not learn stays unknown; what cannot be done to a cluster is said, not skipped in
 * silence. Only what the run itself made is touched, unless the operator owns the cluster and says so.
 */
export { type Comparison, compareReports } from './report/comparison.ts';
export { reportPage } from './report/page.ts';
export { exitCodes, type Report } from './report/report.ts';
export { withLeft } from './report/verdict.ts';
export { reportText } from './report/report-text.ts';
export { type RunListener, runScenario } from './run/run.ts';
export { explain, timeText } from './scenario/explanation.ts';
export { loadScenario, scenarioNames } from './scenario/library.ts';
export type { Scenario } from './scenario/scenario.ts';
export { lasting } from './scenario/schedule.ts';
export { durationMs, ScenarioError } from './scenario/yaml-fields.ts';
export { clusterOfHome, clusterOfKubeconfig } from './targets/existing-cluster.ts';
export { engineProblem } from './targets/kept-engine.ts';
export { ownCluster } from './targets/own-cluster.ts';
export { widePath } from './targets/programs.ts';
export { swarmCluster, swarmProblem } from './targets/swarm/swarm-cluster.ts';
export type { Target } from './targets/target.ts';
