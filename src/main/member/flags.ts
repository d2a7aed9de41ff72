/** Node's flags and the environment of a member's process. */

/**
 * Young garbage is collected in larger steps than V8's default, since most objects of a write die before the next one;
 * not in larger ones still, because a step lasts as long as its survivors are many, and its memory is never given back
 * under load. Old garbage is collected when there is as much of it as of live objects: by default V8 lets it grow to
 * three times that, and gives little of it back.
 */
export const memberFlags: readonly string[] = ['--max-semi-space-size=16', '--heap-growing-percent=100'];

/**
 * A line of a shell or a unit: blocks of memory of this size and more go back to the system as soon as they are free.
 * By default glibc keeps them once some were freed, fragmented by what stays; other C libraries ignore the variable.
 */
export const memoryEnvironment = 'MALLOC_MMAP_THRESHOLD_=131072';
