/**
 * The role of a member: store, write path, both doors, controllers and scheduler, built from ports (startMember) and
 * given this machine's by runMember, which starts the member's NATS server, keeps the home's files current, and waits
 * for the signal that ends the process.
 */
export { memberFlags, memoryEnvironment } from './flags.ts';
export { runMember } from './run-member.ts';
export { recoverStore, restoreStore, verifyBackupFile, verifyStore } from './store-files.ts';
