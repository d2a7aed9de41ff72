/** Answers of services outside, each kept for its time. */
import type { Clock } from '../../../base/index.ts';

/** Answers from outside, each kept for its time; those who ask the same meanwhile wait for the one question. */
interface RememberedAnswers<T> {
  /** `ask` must not reject for what is to be remembered; `keepMs` 0: not kept. */
  answer(key: string, ask: () => Promise<{ readonly value: T; readonly keepMs: number }>): T | Promise<T>;
}

/** `max`: how many are kept; when there are more, all are forgotten. */
export function rememberedAnswers<T>(clock: Clock, max: number): RememberedAnswers<T> {
  const kept = new Map<string, { readonly value: T; readonly until: number }>();
  const asked = new Map<string, Promise<T>>();
  async function question(key: string, ask: () => Promise<{ readonly value: T; readonly keepMs: number }>): Promise<T> {
    try {
      const { value, keepMs } = await ask();
      if (kept.size >= max) kept.clear();
      if (keepMs > 0) kept.set(key, { value, until: clock.monotonic() + keepMs });
      return value;
    } finally {
      asked.delete(key);
    }
  }
  return {
    answer: (key, ask) => {
      const known = kept.get(key);
      if (known !== undefined && known.until > clock.monotonic()) return known.value;
      const running = asked.get(key) ?? question(key, ask);
      asked.set(key, running);
      return running;
    },
  };
}
