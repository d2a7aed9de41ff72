/** Node's flags for a member's process: young garbage is collected in larger steps, since most objects of a write die before the next one. */
export const memberFlags: readonly string[] = ['--max-semi-space-size=32'];
