/**
 * Addresses and node ports of Services.
 *
 * What is given out is a key in the store, written in the same transaction as the Service on condition that it did not
 * exist. So uniqueness needs no allocator process and no bitmap: two writers that choose alike collide, and one chooses
 * again. An address's key is its IPAddress object, as in Kubernetes 1.33 (KEP-1880); a node port has a key of its own.
 * `repairAllocations` puts right what a restored backup or an older version may have left behind.
 */
export { type Allocation, type Allocator, nothingAllocated } from './allocation.ts';
export { createAllocator } from './allocator.ts';
export { repairAllocations } from './repair.ts';
