/** The sandbox image: one tiny program, built here. */

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
  /** Followed by the struct sigaction that it names. */
  readonly code: readonly string[];
}

/** Machine code in hexadecimal: an instruction and what it says. */
const programs: Readonly<Record<string, Program>> = {
  amd64: {
    machine: 0x3e,
    code: [
      // mov eax, 13  ; rt_sigaction
      'b80d000000',
      // push 17  ; SIGCHLD
      '6a11',
      // pop rdi
      '5f',
      // lea rsi, [rip+action]
      '488d3511000000',
      // xor edx, edx  ; no old action
      '31d2',
      // push 8  ; bytes of a signal set
      '6a08',
      // pop r10
      '415a',
      // syscall
      '0f05',
      // loop: push 34  ; pause
      '6a22',
      // pop rax
      '58',
      // syscall
      '0f05',
      // jmp loop
      'ebf9',
      // (alignment)
      '6690',
    ],
  },
  arm64: {
    machine: 0xb7,
    code: [
      // mov x0, #17  ; SIGCHLD
      '200280d2',
      // adr x1, action
      'a1010010',
      // mov x2, xzr  ; no old action
      'e2031faa',
      // mov x3, #8  ; bytes of a signal set
      '030180d2',
      // mov x8, #134  ; rt_sigaction
      'c81080d2',
      // svc #0
      '010000d4',
      // loop: mov x0, xzr  ; no descriptors
      'e0031faa',
      // mov x1, xzr
      'e1031faa',
      // mov x2, xzr  ; no time limit
      'e2031faa',
      // mov x3, xzr
      'e3031faa',
      // mov x4, #8
      '040180d2',
      // mov x8, #73  ; ppoll
      '280980d2',
      // svc #0
      '010000d4',
      // b loop
      'f9ffff17',
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
  const code = [...Buffer.from(program.code.join(''), 'hex'), ...actionBytes()];
  const size = headerBytes + code.length;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2 /* 64 bit */, 1 /* little endian */, 1]);
  view.setUint16(16, 2, true); // an executable
  view.setUint16(18, program.machine, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(loadAddress + headerBytes), true); // entry
  view.setBigUint64(32, 64n, true); // program headers follow
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, 1, true); // load
  view.setUint32(68, 5, true); // read, execute
  view.setBigUint64(80, BigInt(loadAddress), true);
  view.setBigUint64(88, BigInt(loadAddress), true);
  view.setBigUint64(96, BigInt(size), true);
  view.setBigUint64(104, BigInt(size), true);
  view.setBigUint64(112, 0x1000n, true);
  bytes.set(code, headerBytes);
  return bytes;
}

/** The program's path in the image. */
export const sandboxProgram = '/pause';
/** Grows with each change of the bytes above. */
const sandboxVersion = '1';
export const sandboxReference = `troupe/sandbox:${sandboxVersion}`;

/** The executable for an engine's architecture (`amd64`, `x86_64`, `arm64`, `aarch64`); undefined for others. */
export function sandboxExecutable(architecture: string): Uint8Array | undefined {
  const name = architecture === 'x86_64' ? 'amd64' : architecture === 'aarch64' ? 'arm64' : architecture;
  const program = programs[name];
  return program === undefined ? undefined : elf(program);
}
