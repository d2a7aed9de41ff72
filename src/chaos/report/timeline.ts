/** The time line of a run as SVG: faults as bars, and below them what each probe felt second by second. */
import { timeText } from '../scenario/explanation.ts';
import { element, escaped } from './markup.ts';
import type { FaultResult, ProbeResult, Report } from './report.ts';

const width = 1_160;
const left = 110;
const right = 14;
const faultHeight = 15;
const laneHeight = 74;
const axisHeight = 22;
/** Shorter bars could not be seen. */
const barMin = 3;
const ticks = 10;

interface Scale {
  readonly x: (ms: number) => number;
  readonly endMs: number;
}

export function timeline({ faults, probes, tookMs }: Report): string {
  const endMs = Math.max(1_000, tookMs);
  const scale: Scale = { endMs, x: (ms) => left + (Math.min(ms, endMs) / endMs) * (width - left - right) };
  const struck = faults.filter(({ outcome }) => outcome !== 'impossible');
  const rows = rowsOf(struck, endMs);
  const faultsHeight = axisHeight + (Math.max(-1, ...rows) + 1) * faultHeight + 10;
  const height = faultsHeight + probes.length * laneHeight + 4;
  const lanes = probes.map((probe, i) => lane(probe, faultsHeight + i * laneHeight, scale));
  const shades = struck.map((fault) => shade(fault, height, scale));
  const bars = struck.map((fault, i) => bar(fault, axisHeight + (rows[i] ?? 0) * faultHeight, scale));
  const label = element('text', { x: 0, y: axisHeight + 12, class: 'name' }, 'faults');
  return element(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'time line of faults and of what clients felt' },
    ...shades,
    axis(height, scale),
    label,
    ...bars,
    ...lanes,
  );
}

/** What a bar's label takes, in px. */
const labelWidth = (spec: string): number => (spec.length + 4) * 5.6 + 8;

/** A row for each bar, so that no two cover each other with their labels. */
function rowsOf(faults: readonly FaultResult[], endMs: number): readonly number[] {
  const room = (ms: number): number => (ms / (width - left - right)) * endMs;
  const ends: number[] = [];
  return faults.map(({ beganMs, endedMs, spec }) => {
    const end = Math.max(endedMs, beganMs) + room(labelWidth(spec));
    const free = ends.findIndex((each) => each <= beganMs);
    const row = free < 0 ? ends.length : free;
    ends[row] = end;
    return row;
  });
}

function axis(height: number, { x, endMs }: Scale): string {
  const lines = Array.from({ length: ticks + 1 }, (_, i) => {
    const ms = (endMs * i) / ticks;
    const at = x(ms).toFixed(1);
    return (
      element('line', { x1: at, x2: at, y1: axisHeight - 6, y2: height, class: 'grid' }) +
      element(
        'text',
        { x: at, y: 11, 'text-anchor': i === ticks ? 'end' : 'middle', class: 'tick' },
        timeText(Math.round(ms / 1_000) * 1_000),
      )
    );
  });
  return lines.join('');
}

function shade({ beganMs, endedMs }: FaultResult, height: number, { x }: Scale): string {
  const from = x(beganMs);
  const wide = Math.max(1, x(endedMs) - from);
  return element('rect', {
    x: from.toFixed(1),
    y: axisHeight,
    width: wide.toFixed(1),
    height: height - axisHeight,
    class: 'shade',
  });
}

function bar({ id, spec, victim, beganMs, endedMs, outcome, proof }: FaultResult, y: number, { x }: Scale): string {
  const from = x(beganMs);
  const wide = Math.max(barMin, x(endedMs) - from);
  const fits = from + wide + labelWidth(spec) < width;
  const place = fits ? { x: (from + wide + 4).toFixed(1) } : { x: (from - 4).toFixed(1), 'text-anchor': 'end' };
  return element(
    'g',
    { class: `fault ${outcome}` },
    element('title', {}, escaped(`${id}. ${spec} → ${victim}\n${proof}`)),
    element('rect', { x: from.toFixed(1), y, width: wide.toFixed(1), height: faultHeight - 4, rx: 2 }),
    element('text', { ...place, y: y + 9 }, escaped(`${id} ${spec}`)),
  );
}

/** Availability as a band, outages in red, failures as bars, and the p99 of each second as a line. */
function lane({ name, seconds, outages, failures, attempts, latency }: ProbeResult, y: number, { x }: Scale): string {
  const [top, bottom] = [y + 20, y + laneHeight - 8];
  const highest = Math.max(1, ...seconds.map(({ p99Ms }) => p99Ms));
  const most = Math.max(1, ...seconds.map(({ failed }) => failed));
  const heightOf = (share: number): number => bottom - share * (bottom - top);
  const line = seconds
    .filter(({ succeeded }) => succeeded > 0)
    .map(({ atMs, p99Ms }) => `${x(atMs + 500).toFixed(1)},${heightOf(p99Ms / highest).toFixed(1)}`)
    .join(' ');
  const failed = seconds
    .filter((second) => second.failed > 0)
    .map((second) => {
      const from = heightOf(second.failed / most);
      const [at, wide] = [x(second.atMs), Math.max(1, x(second.atMs + 1_000) - x(second.atMs) - 1)];
      const bars = {
        x: at.toFixed(1),
        y: from.toFixed(1),
        width: wide.toFixed(1),
        height: (bottom - from).toFixed(1),
        class: 'failed',
      };
      return element(
        'rect',
        bars,
        element('title', {}, `${second.failed} failed in the second from ${timeText(second.atMs)}`),
      );
    });
  const out = outages.map(({ fromMs, untilMs }) => {
    const wide = Math.max(barMin, x(untilMs) - x(fromMs));
    const band = { x: x(fromMs).toFixed(1), y: top - 8, width: wide.toFixed(1), height: 6, class: 'out' };
    return element('rect', band, element('title', {}, `no success for ${timeText(untilMs - fromMs)}`));
  });
  const percent = attempts === 0 ? 0 : (100 * failures) / attempts;
  return element(
    'g',
    { class: 'lane' },
    element('text', { x: 0, y: y + 28, class: 'name' }, escaped(name)),
    element('text', { x: 0, y: y + 43, class: 'tick' }, `${percent.toFixed(2)} % failed`),
    element('text', { x: 0, y: y + 57, class: 'tick' }, `p99 ${latency.p99} ms`),
    element('rect', { x: x(0), y: top - 8, width: x(Infinity) - x(0), height: 6, class: 'up' }),
    ...out,
    ...failed,
    element('polyline', { points: line, class: 'p99' }),
    element('text', { x: x(0) + 2, y: top + 9, class: 'tick' }, `${highest} ms`),
  );
}
