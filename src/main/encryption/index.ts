/**
 * Encryption at rest: nothing that the store writes to disk can be read without a key that is kept elsewhere.
 *
 *   key-encryption key ── wraps ──▶ data key ── seals ──▶ log frames, snapshot chunks
 *   (pki/encryption-keys.json,          │
 *    or a KMS plug-in)                  └─▶ <store>/data-keys.json: the wrapped data keys
 *
 * A member makes a fresh data key at each start and each rotation; older ones only open what they sealed, and are
 * dropped when nothing on disk needs them. Rotation: a new key is put first in the keys file; each member sees it
 * within seconds, seals with a new data key, rewrites snapshot and log and forgets the old ones. With a KMS v2
 * plug-in (encryption.kms) the plug-in holds the wrapping key (kms-wrapping.ts), and members follow its changes too.
 * See docs/encryption.md, and docs/adr/0008 for the reasons.
 */
export { storeEncryption } from './store-encryption.ts';
export { encryptionStatus, rotateEncryption } from './rotation.ts';
