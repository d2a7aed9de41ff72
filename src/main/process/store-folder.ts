/** Where the stores of a home are. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home.ts';

/** The store of one member in a home. */
export interface StoreFolder {
  readonly member: string;
  readonly folder: string;
  readonly home: Home;
}

/** The name of a home's first member. */
export const firstMember = 'member-1';

/** The first member's store is data/store, the others' are data/<name>/store. */
export function storeFolderOf(home: Home, member: string): StoreFolder {
  return { member, home, folder: member === firstMember ? join(home.data, 'store') : join(home.data, member, 'store') };
}

/** The stores that exist in a home. */
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
