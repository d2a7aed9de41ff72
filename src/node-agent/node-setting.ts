/** Settings of the node that have a kubelet's names: spans of time, and what is wrong with one. */

/** A setting that makes no sense. */
export class NodeSettingError extends Error {
  override readonly name = 'NodeSettingError';
  readonly setting: string;
  constructor(setting: string, wanted: string) {
    super(`${setting} must be ${wanted}`);
    this.setting = setting;
  }
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A span as Go writes it, in ms: `90s`, `1m30s`, `0`. Throws NodeSettingError. */
export function spanMs(setting: string, text: string): number {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text))
    throw new NodeSettingError(setting, 'a span of time such as 90s or 1m30s');
  let total = 0;
  for (const [, count = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    total += Number(count) * (unitMs[unit] ?? 0);
  return total;
}
