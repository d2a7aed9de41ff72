/**
 * Encryption at rest: nothing that the store writes to disk can be read without a key that lies elsewhere.
 *
 *   key-encryption key (operator's: pki/encryption-keys.json, or a KMS plug-in) ── wraps ──> data key ── seals ──> log
 *   frames, snapshot chunks
 *                                                                                            │
 *                                        <store>/data-keys.json: the wrapped data keys <─────┘
 *
 * A member makes a fresh data key at each start and each rotation; older ones only open what they sealed, and are
 * dropped when nothing on disk needs them. Rotation: a new key is put first in the keys file; each member sees it
 * within seconds, seals with a new data key, writes snapshot and log anew and forgets the old ones. With a KMS v2
 * plug-in (encryption.kms) the wrapping key lies with it (kms-wrapping.ts), and its changes are followed alike.
 * docs/encryption.md tells how; docs/adr/0008 why so.
 */
export { storeEncryption } from './store-encryption.ts';
export { encryptionStatus, rotateEncryption } from './rotation.ts';
