/** Draws figures as SVG. */

/** One line of a plot. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface PlotOptions {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

const [width, height] = [640, 360];
const area = { left: 70, right: 20, top: 40, bottom: 50 };
const colours = ['#0b7285', '#e8590c', '#5f3dc4', '#2b8a3e', '#c2255c'];

const text = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** 1, 10, 100 ... that cover the values. */
function decades(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
}

/** An SVG of lines with both scales logarithmic. */
export function plot({ title, x, y }: PlotOptions, series: readonly Series[]): string {
  const shown = series.filter(({ points }) => points.length > 0);
  const points = shown.flatMap((line) => line.points);
  if (points.length === 0) throw new Error(`nothing was measured that "${title}" could show`);
  const xTicks = decades(points.map(([at]) => at));
  const yTicks = decades(points.map(([, at]) => at));
  const place = (value: number, ticks: readonly number[], span: number): number => {
    const [low, high] = [Math.log10(ticks[0] ?? 1), Math.log10(ticks.at(-1) ?? 10)];
    return ((Math.log10(value) - low) / (high - low)) * span;
  };
  const atX = (value: number): string => (area.left + place(value, xTicks, width - area.left - area.right)).toFixed(1);
  const atY = (value: number): string =>
    (height - area.bottom - place(value, yTicks, height - area.top - area.bottom)).toFixed(1);
  const grid = [
    ...xTicks.map(
      (tick) =>
        `<path d="M${atX(tick)} ${area.top}V${height - area.bottom}" stroke="#ddd"/><text x="${atX(tick)}" ` +
        `y="${height - 32}" text-anchor="middle">${tick.toLocaleString('en')}</text>`,
    ),
    ...yTicks.map(
      (tick) =>
        `<path d="M${area.left} ${atY(tick)}H${width - area.right}" stroke="#ddd"/><text ` +
        `x="${area.left - 6}" y="${Number(atY(tick)) + 4}" text-anchor="end">${tick.toLocaleString('en')}</text>`,
    ),
  ];
  const lines = shown.map((line, i) => {
    const colour = colours[i % colours.length] ?? '#000';
    const path = line.points.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${atX(px)} ${atY(py)}`).join('');
    const dots = line.points
      .map(([px, py]) => `<circle cx="${atX(px)}" cy="${atY(py)}" r="3.5" fill="${colour}"/>`)
      .join('');
    return (
      `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots}<text x="${area.left + 10}" ` +
      `y="${area.top + 16 * (i + 1)}" fill="${colour}">${text(line.name)}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/><text x="${width / 2}" y="22" ` +
      `text-anchor="middle" font-size="14">${text(title)}</text>`,
    ...grid,
    ...lines,
    `<text x="${width / 2}" y="${height - 10}" text-anchor="middle">${text(x)}</text><text ` +
      `transform="translate(14 ${height / 2}) rotate(-90)" text-anchor="middle">${text(y)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}
