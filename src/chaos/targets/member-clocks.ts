/** Clocks of members that can be set: a module that Node loads before each member shifts its wall clock. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Runs within the member: `Date` without arguments, and `Date.now`, are ahead by what the file says, in ms. It tells
 * in another file which offset it took.
 */
const preload = `import { readFileSync, watchFile, writeFileSync } from 'node:fs';
const name = process.argv[process.argv.indexOf('--name') + 1];
if (process.argv.includes('run-member')) {
  const Real = Date;
  const file = new URL(name, import.meta.url);
  const options = { interval: 100, persistent: false };
  let offset = 0;
  const now = () => Real.now() + offset;
  globalThis.Date = new Proxy(Real, {
    construct: (target, given, created) => Reflect.construct(target, given.length === 0 ? [now()] : given, created),
    apply: () => new Real(now()).toString(),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
  watchFile(file, options, () => {
    let wanted = 0;
    try { wanted = Number(readFileSync(file, 'utf8')); } catch {}
    if (wanted === offset) return;
    offset = wanted;
    writeFileSync(new URL(name + '.taken', import.meta.url), String(offset));
  });
}
`;

export class MemberClocks {
  readonly #folder: string;

  constructor(home: string) {
    this.#folder = join(home, 'chaos-clocks');
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeFileSync(this.#module, preload);
  }

  /** For the environment of what starts the members. */
  get environment(): NodeJS.ProcessEnv {
    return { NODE_OPTIONS: `--import ${pathToFileURL(this.#module).href}` };
  }

  /** Sets a member's clock ahead by so many ms, or behind; 0: as it is. */
  set(member: string, aheadMs: number): void {
    rmSync(join(this.#folder, `${member}.taken`), { force: true });
    writeFileSync(join(this.#folder, member), String(aheadMs));
  }

  /** Whether the member says that it took that offset. */
  taken(member: string, aheadMs: number): boolean {
    const file = join(this.#folder, `${member}.taken`);
    return existsSync(file) && Number(readFileSync(file, 'utf8')) === aheadMs;
  }

  get #module(): string {
    return join(this.#folder, 'clock.mjs');
  }
}
