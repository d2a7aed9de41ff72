import test from 'ava';
import { microTimeLayout, timeLayout, timeProblem } from './go-time.ts';

const good: readonly (readonly [text: string, layout: typeof timeLayout | typeof microTimeLayout])[] = [
  ['2024-02-29T12:00:00Z', timeLayout],
  ['2024-02-29T12:00:00.5+02:00', timeLayout],
  ['2024-02-29T12:00:00,123456789Z', timeLayout],
  ['2024-02-29T12:00:00.123456Z', microTimeLayout],
];
for (const [text, layout] of good)
  test(`${text} is a time of ${layout}`, (t) => {
    t.is(timeProblem(text, layout), undefined);
  });

const cannot = (text: string, layout: string, rest: string, shown: string): string =>
  `parsing time "${text}" as "${layout}": cannot parse "${rest}" as "${shown}"`;
const bad: readonly (readonly [text: string, layout: typeof timeLayout | typeof microTimeLayout, told: string])[] = [
  ['now', timeLayout, cannot('now', timeLayout, 'now', '2006')],
  ['', timeLayout, cannot('', timeLayout, '', '2006')],
  ['2024-01-01', timeLayout, cannot('2024-01-01', timeLayout, '', 'T')],
  ['2024-01-01 10:00:00Z', timeLayout, cannot('2024-01-01 10:00:00Z', timeLayout, ' 10:00:00Z', 'T')],
  ['2024-01-01T10:00:00', timeLayout, cannot('2024-01-01T10:00:00', timeLayout, '', 'Z07:00')],
  ['2024-13-01T10:00:00Z', timeLayout, 'parsing time "2024-13-01T10:00:00Z": month out of range'],
  ['2023-02-29T10:00:00Z', timeLayout, 'parsing time "2023-02-29T10:00:00Z": day out of range'],
  ['2024-01-01T25:00:00Z', timeLayout, 'parsing time "2024-01-01T25:00:00Z": hour out of range'],
  [
    '2024-01-01T10:00:00+99:00',
    timeLayout,
    'parsing time "2024-01-01T10:00:00+99:00": time zone offset hour out of range',
  ],
  ['2024-01-01T10:00:00Zulu', timeLayout, 'parsing time "2024-01-01T10:00:00Zulu": extra text: "ulu"'],
  ['2024-01-01T10:00:00Z', microTimeLayout, cannot('2024-01-01T10:00:00Z', microTimeLayout, 'Z', '.000000')],
  [
    '2024-01-01T10:00:00.123Z',
    microTimeLayout,
    cannot('2024-01-01T10:00:00.123Z', microTimeLayout, '.123Z', '.000000'),
  ],
  [
    '2024-01-01T10:00:00.1234567Z',
    microTimeLayout,
    cannot('2024-01-01T10:00:00.1234567Z', microTimeLayout, '7Z', 'Z07:00'),
  ],
];
for (const [text, layout, told] of bad)
  test(`'${text}' is no time of ${layout}`, (t) => {
    t.is(timeProblem(text, layout), told);
  });
