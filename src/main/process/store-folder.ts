import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home.ts';

/** A member's part of a home that is not running: what `troupe store` verifies, restores and recovers. */
export interface StoreFolder {
  readonly member: string;
  readonly folder: string;
  readonly home: Home;
}

/** The name of a home's first member. */
export const firstMember = 'member-1';

/** The store of a member in this home: the first one's stands alone, others have a folder each. */
export function storeFolderOf(home: Home, member: string): StoreFolder {
  return { member, home, folder: member === firstMember ? join(home.data, 'store') : join(home.data, member, 'store') };
}

/** The stores that a home holds. */
export function storeFoldersOf(home: Home): readonly StoreFolder[] {
  if (!existsSync(home.data)) return [];
  const names = [
    firstMember,
    ...readdirSync(home.data)
      .filter((name) => name !== 'store' && name !== firstMember)
      .sort(),
  ];
  return names.map((name) => storeFolderOf(home, name)).filter(({ folder }) => existsSync(folder));
}
