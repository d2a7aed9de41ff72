/**
 * Troupe's own paths below /troupe/: the dashboard's files, the supervision feed, and what operators ask of members,
 * store, actors and log levels.
 *
 * Contract: each path is a separate right (nonResourceURLs); the dashboard's files are public, its data is not.
 */
export { dashboardPaths, type StaticFiles } from './dashboard.ts';
export { type MemberOperator, memberPaths } from './members.ts';
export { operatorPaths } from './operators.ts';
export { type StoreOperator, storePaths } from './store.ts';
