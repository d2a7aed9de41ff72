/** One curve over the last minutes. */
import { html, useEffect, useRef } from './vendor/preact.js';
import uPlot from './vendor/uplot.js';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Colours are asked of the page, where light-dark() is resolved. */
function resolved(name) {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value || colour(name);
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

function made(place, { title, unit, look }, width, height) {
  const ink = resolved('--dim');
  const line = resolved('--line');
  const stroke = resolved(look ?? '--accent');
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '11px system-ui' };
  return new uPlot(
    {
      width,
      height,
      legend: { show: false },
      cursor: { y: false, points: { size: 6 } },
      padding: [8, 8, 0, 0],
      scales: { x: { time: true }, y: { range: (_, low, high) => [Math.min(0, low), Math.max(1, high * 1.15)] } },
      axes: [
        {
          ...axis,
          size: 24,
          space: 70,
          values: [
            [1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1],
            [60, '{HH}:{mm}', null, null, null, null, null, null, 1],
          ],
        },
        { ...axis, size: 44, space: 28, values: (_, values) => values.map((value) => compact.format(value)) },
      ],
      series: [
        {},
        {
          label: title,
          stroke,
          width: 1.75,
          points: { show: false },
          fill: `color-mix(in srgb, ${stroke} 14%, transparent)`,
          value: (_, value) => (value === null ? '–' : `${compact.format(value)} ${unit}`),
        },
      ],
    },
    [[], []],
    place,
  );
}

/** One line over the last minutes. `data`: [seconds, values]. */
export function Plot({ title, unit = '', data, look, height = 120 }) {
  const place = useRef();
  const plot = useRef();
  useEffect(() => {
    const build = () => {
      plot.current?.destroy();
      plot.current = made(place.current, { title, unit, look }, Math.max(100, place.current.clientWidth), height);
    };
    build();
    const watcher = new ResizeObserver(() => {
      plot.current.setSize({ width: Math.max(100, place.current.clientWidth), height });
    });
    watcher.observe(place.current);
    addEventListener('themechange', build);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', build);
    return () => {
      watcher.disconnect();
      removeEventListener('themechange', build);
      dark.removeEventListener('change', build);
      plot.current.destroy();
    };
  }, []);
  useEffect(() => {
    plot.current?.setData(data);
  }, [data[0].length, data[0].at(-1)]);
  const last = data[1].at(-1);
  return html`<figure class="plot"><figcaption><span>${title}</span>
    <b>${last === undefined || last === null ? '–' : `${compact.format(last)} ${unit}`}</b></figcaption>
    <div ref=${place} role="img" aria-label=${`${title} over the last minutes`}></div></figure>`;
}
