/** What Go's time.Parse has against a text that should be an RFC 3339 time; messages of the API hold its words. */
import { goQuote } from './field-error.ts';

export const timeLayout = '2006-01-02T15:04:05Z07:00';
export const microTimeLayout = '2006-01-02T15:04:05.000000Z07:00';

/** A part of the layout: what stands before it, how the layout writes it, and what of the text it takes. */
interface Part {
  readonly before: string;
  readonly shown: string;
  readonly pattern: RegExp;
  /** The word for a number that is none of the part's, and the greatest that is. */
  readonly range?: readonly [word: string, least: number, greatest: number];
}

const year: Part = { before: '', shown: '2006', pattern: /^\d{4}/ };
const dayAndTime: readonly Part[] = [
  { before: '-', shown: '01', pattern: /^\d\d/, range: ['month', 1, 12] },
  { before: '-', shown: '02', pattern: /^\d\d/ },
  { before: 'T', shown: '15', pattern: /^\d\d/, range: ['hour', 0, 23] },
  { before: ':', shown: '04', pattern: /^\d\d/, range: ['minute', 0, 59] },
];
const second: Part = { before: ':', shown: '05', pattern: /^\d\d/, range: ['second', 0, 59] };
/** A fraction is read though the layout has none, or has to be the very one that the layout has. */
const fraction: Part = { before: '', shown: '', pattern: /^([.,]\d+)?/ };
const micros: Part = { before: '', shown: '.000000', pattern: /^[.,]\d{6}/ };
const zone: Part = { before: '', shown: 'Z07:00', pattern: /^(Z|[+-]\d\d:\d\d)/ };

function offsetProblem(offset: string): string | undefined {
  if (Number(offset.slice(1, 3)) > 23) return 'time zone offset hour';
  return Number(offset.slice(4)) > 59 ? 'time zone offset minute' : undefined;
}

/** Why a text is no time of the layout; undefined when it is one. */
export function timeProblem(text: string, layout: typeof timeLayout | typeof microTimeLayout): string | undefined {
  const refused = (rest: string, shown: string): string =>
    `parsing time ${goQuote(text)} as ${goQuote(layout)}: cannot parse ${goQuote(rest)} as ${goQuote(shown)}`;
  const beyond = (word: string): string => `parsing time ${goQuote(text)}: ${word} out of range`;
  let rest = text;
  const numbers: number[] = [];
  for (const part of [year, ...dayAndTime, second, layout === microTimeLayout ? micros : fraction, zone]) {
    if (!rest.startsWith(part.before)) return refused(rest, part.before);
    rest = rest.slice(part.before.length);
    const taken = part.pattern.exec(rest)?.[0];
    if (taken === undefined) return refused(rest, part.shown);
    const number = Number(taken);
    if (part.range !== undefined && (number < part.range[1] || number > part.range[2])) return beyond(part.range[0]);
    const offset = part === zone ? offsetProblem(taken) : undefined;
    if (offset !== undefined) return beyond(offset);
    numbers.push(number);
    rest = rest.slice(taken.length);
  }
  if (rest !== '') return `parsing time ${goQuote(text)}: extra text: ${goQuote(rest)}`;
  const [ofYear = 0, ofMonth = 0, ofDay = 0] = numbers;
  return ofDay < 1 || ofDay > new Date(Date.UTC(ofYear, ofMonth, 0)).getUTCDate() ? beyond('day') : undefined;
}
