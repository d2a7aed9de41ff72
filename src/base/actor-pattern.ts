/** Patterns of actor addresses, for log rules. */

/**
 * Whether an actor's address fits the pattern, or is below one that does: `*` is anything within a part, `**` anything.
 */
export function actorPattern(pattern: string): (address: string) => boolean {
  const parts = pattern
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&')));
  const fits = new RegExp(`^${parts.join('')}(/|$)`);
  return (address) => fits.test(address);
}
