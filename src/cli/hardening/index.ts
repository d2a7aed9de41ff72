/**
 * `troupe hardening check`: a running cluster against the CIS Kubernetes Benchmark 1.10.
 *
 * The benchmark's controls are a table, a file for each of its sections; each control has a check that looks at the
 * cluster as it runs: modes and owners of files, settings in effect, ports, answers of the API. What changes something
 * is asked as a dry run; one service account is made and deleted. A control about what Troupe does not have is not
 * applicable, one that only people can judge is manual, each with the reason. Numbers are the benchmark's, titles ours.
 */
export { addHardening } from './hardening-command.ts';
