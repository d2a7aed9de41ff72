/**
 * The sandbox's only program: it holds the pod's namespaces open and reaps the processes that end up with it.
 *
 * A few machine instructions, kept here as bytes, so that a machine needs neither a registry nor a compiler. Both
 * programs do: rt_sigaction(SIGCHLD, {SIG_IGN, SA_NOCLDWAIT}), which makes the kernel reap every child; then wait for
 * ever. The program is process 1 of its namespace, so the kernel keeps signals without a handler (TERM, INT) from it;
 * it is stopped by KILL.
 */
interface Program {
  /** ELF e_machine. */
  readonly machine: number;
  readonly code: readonly number[];
}

const programs: Readonly<Record<string, Program>> = {
  amd64: {
    machine: 0x3e,
    code: [
      0xb8,
      0x0d,
      0x00,
      0x00,
      0x00 /* mov eax, 13        rt_sigaction */,
      0x6a,
      0x11 /*                   push 17            SIGCHLD */,
      0x5f /*                         pop rdi */,
      0x48,
      0x8d,
      0x35,
      0x11,
      0x00,
      0x00,
      0x00 /* lea rsi, [rip+action] */,
      0x31,
      0xd2 /*                   xor edx, edx       no old action */,
      0x6a,
      0x08 /*                   push 8             bytes of a signal set */,
      0x41,
      0x5a /*                   pop r10 */,
      0x0f,
      0x05 /*                   syscall */,
      0x6a,
      0x22 /*             loop: push 34            pause */,
      0x58 /*                         pop rax */,
      0x0f,
      0x05 /*                   syscall */,
      0xeb,
      0xf9 /*                   jmp loop */,
      0x66,
      0x90 /*                   (alignment) */,
      ...actionBytes(),
    ],
  },
  arm64: {
    machine: 0xb7,
    code: [
      0x20,
      0x02,
      0x80,
      0xd2 /*       mov x0, #17        SIGCHLD */,
      0xa1,
      0x01,
      0x00,
      0x10 /*       adr x1, action */,
      0xe2,
      0x03,
      0x1f,
      0xaa /*       mov x2, xzr        no old action */,
      0x03,
      0x01,
      0x80,
      0xd2 /*       mov x3, #8         bytes of a signal set */,
      0xc8,
      0x10,
      0x80,
      0xd2 /*       mov x8, #134       rt_sigaction */,
      0x01,
      0x00,
      0x00,
      0xd4 /*       svc #0 */,
      0xe0,
      0x03,
      0x1f,
      0xaa /* loop: mov x0, xzr        no descriptors */,
      0xe1,
      0x03,
      0x1f,
      0xaa /*       mov x1, xzr */,
      0xe2,
      0x03,
      0x1f,
      0xaa /*       mov x2, xzr        no time limit */,
      0xe3,
      0x03,
      0x1f,
      0xaa /*       mov x3, xzr */,
      0x04,
      0x01,
      0x80,
      0xd2 /*       mov x4, #8 */,
      0x28,
      0x09,
      0x80,
      0xd2 /*       mov x8, #73        ppoll */,
      0x01,
      0x00,
      0x00,
      0xd4 /*       svc #0 */,
      0xf9,
      0xff,
      0xff,
      0x17 /*       b loop */,
      ...actionBytes(),
    ],
  },
};

/**
 * struct sigaction of the kernel: handler SIG_IGN (1), flags SA_NOCLDWAIT (2), restorer and mask empty; 8 bytes each.
 */
function actionBytes(): number[] {
  return [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, ...new Array<number>(16).fill(0)];
}

const loadAddress = 0x400000;
const headerBytes = 64 + 56;

/**
 * A static 64-bit ELF executable around `code`: file header, one readable and executable segment, the code (ELF-64
 * object file format, 1.5).
 */
function elf(program: Program): Uint8Array {
  const size = headerBytes + program.code.length;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2 /* 64 bit */, 1 /* little endian */, 1]);
  view.setUint16(16, 2, true); /* an executable */
  view.setUint16(18, program.machine, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(loadAddress + headerBytes), true); /* entry */
  view.setBigUint64(32, 64n, true); /* program headers follow */
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, 1, true); /* load */
  view.setUint32(68, 5, true); /* read, execute */
  view.setBigUint64(80, BigInt(loadAddress), true);
  view.setBigUint64(88, BigInt(loadAddress), true);
  view.setBigUint64(96, BigInt(size), true);
  view.setBigUint64(104, BigInt(size), true);
  view.setBigUint64(112, 0x1000n, true);
  bytes.set(program.code, headerBytes);
  return bytes;
}

/** The program's path in the image. */
export const sandboxProgram = '/pause';
/** Grows with each change of the bytes above. */
export const sandboxVersion = '1';
export const sandboxReference = `troupe/sandbox:${sandboxVersion}`;

/** The executable for an engine's architecture (`amd64`, `x86_64`, `arm64`, `aarch64`); undefined for others. */
export function sandboxExecutable(architecture: string): Uint8Array | undefined {
  const name = architecture === 'x86_64' ? 'amd64' : architecture === 'aarch64' ? 'arm64' : architecture;
  const program = programs[name];
  return program === undefined ? undefined : elf(program);
}
