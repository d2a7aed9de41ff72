/**
 * Node's flags for a member's process: young garbage is collected in larger steps than usual, since most objects of a
 * write die before the next one; not in larger ones still, because such a step lasts as long as what survives it is
 * large, and its memory is never given back under load. Old garbage is collected when there is as much of it as of what
 * lives: by itself V8 lets it grow to three times that, and gives little of it back.
 */
export const memberFlags: readonly string[] = ['--max-semi-space-size=16', '--heap-growing-percent=100'];

/**
 * The environment of our processes, as a line of a shell or a unit: blocks of memory of this size and more go back to
 * the system as soon as they are free. By itself glibc begins to keep them, in between what stays, once some were
 * freed; other C libraries do not read it.
 */
export const memoryEnvironment = 'MALLOC_MMAP_THRESHOLD_=131072';
