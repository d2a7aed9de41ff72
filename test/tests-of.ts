import ava, { type TestFn } from 'ava';

/**
 * ava's `test` for one of the files that share a worker: titles begin with the file's name, and no two tests run at a
 * time, so that none waits out a deadline while another computes.
 */
export function testsOf(file: string): TestFn {
  const named = <Declare extends object>(declare: Declare): Declare =>
    new Proxy(declare, {
      apply: (target, self, [title, ...rest]: unknown[]): unknown =>
        Reflect.apply(target as () => unknown, self, [
          typeof title === 'string' ? `${file} › ${title}` : title,
          ...rest,
        ]),
      get: (target, modifier): unknown => {
        const modified: unknown = modifier === 'serial' ? target : Reflect.get(target, modifier);
        return typeof modified === 'function' ? named(modified) : modified;
      },
    });
  return named(ava.serial as TestFn);
}
