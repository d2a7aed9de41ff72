/** The last hour, scrubbed. The server sends its beginning and what changed since; the page makes any moment of it. */
import { html, useEffect, useMemo, useRef, useState } from './vendor/preact.js';
import { AlertList, Timeline } from './alerts.js';
import { clock, duration } from './format.js';
import { Picture } from './picture.js';
import { getJson } from './session.js';
import { SearchableTree } from './tree.js';
import { Selected } from './tree-view.js';

/** A picture at every so many ticks, so that a jump back applies few of them. */
const stepTicks = 200;

const applied = (picture, ticks) => {
  for (const tick of ticks) for (const frame of tick.frames) picture.apply(frame);
  return picture;
};

/** A copy whose maps can change without the original's. */
function copyOf(picture) {
  const copy = new Picture();
  for (const [name, process] of picture.processes)
    copy.processes.set(name, { ...process, rows: new Map(process.rows), counts: new Map(), rates: new Map() });
  return copy;
}

class Film {
  constructor({ from, to, base, ticks }) {
    Object.assign(this, { from, to, ticks });
    const picture = applied(new Picture(), [{ frames: base }]);
    this.stills = [copyOf(picture)];
    for (let i = 0; i < ticks.length; i += stepTicks)
      this.stills.push(copyOf(applied(picture, ticks.slice(i, i + stepTicks))));
    // An event stands where its tick does, so that the tree beside it already shows what it tells.
    this.events = ticks.flatMap((tick) => (tick.events ?? []).map((event) => ({ ...event, at: tick.at })));
  }

  /** Ticks up to `at`. */
  #position(at) {
    let low = 0;
    let high = this.ticks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ticks[middle].at <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  pictureAt(at) {
    const position = this.#position(at);
    const still = Math.floor(position / stepTicks);
    return applied(copyOf(this.stills[still]), this.ticks.slice(still * stepTicks, position));
  }

  alertsAt(at) {
    return this.ticks.slice(0, this.#position(at)).findLast((tick) => tick.alerts !== undefined)?.alerts ?? [];
  }

  eventsNear(at) {
    return this.events
      .filter((event) => event.at <= at)
      .slice(-60)
      .reverse();
  }
}

const columns = 240;

/** Where on the line something happened, and how bad it was. */
function Marks({ film, at }) {
  const span = Math.max(1, film.to - film.from);
  const worst = useMemo(() => {
    const found = new Map();
    for (const event of film.events) {
      const column = Math.min(columns - 1, Math.floor(((event.at - film.from) / span) * columns));
      const level = event.type === 'crash' || event.severity === 'critical' ? 3 : event.severity === 'warning' ? 2 : 1;
      if ((found.get(column) ?? 0) < level) found.set(column, level);
    }
    return [...found];
  }, [film]);
  return html`<svg class="marks" viewBox=${`0 0 ${columns} 24`} preserveAspectRatio="none" aria-hidden="true">
    ${worst.map(
      ([column, level]) => html`<rect key=${column} class=${`level-${level}`} x=${column} width="1"
      y=${24 - level * 8} height=${level * 8} />`,
    )}
    <rect class="now" x=${((at - film.from) / span) * columns - 0.3} width="0.6" y="0" height="24" />
  </svg>`;
}

export function ReplayView() {
  const [film, setFilm] = useState();
  const [problem, setProblem] = useState();
  const [at, setAt] = useState();
  const [speed, setSpeed] = useState(0);
  const [selected, setSelected] = useState();
  const clockAt = useRef();
  clockAt.current = at;
  const load = () =>
    getJson('/troupe/api/replay').then(
      (data) => {
        const made = new Film(data);
        setFilm(made);
        setAt(made.to);
      },
      (error) => {
        setProblem(error.message);
      },
    );
  useEffect(() => {
    void load();
  }, []);
  useEffect(() => {
    if (speed === 0 || film === undefined) return undefined;
    const timer = setInterval(() => {
      setAt(Math.min(film.to, clockAt.current + 250 * speed));
      if (clockAt.current >= film.to) setSpeed(0);
    }, 250);
    return () => {
      clearInterval(timer);
    };
  }, [speed, film]);
  const picture = useMemo(() => film?.pictureAt(at), [film, at]);
  if (problem) return html`<section class="card"><h1>Replay</h1><p class="note warn">${problem}</p></section>`;
  if (film === undefined)
    return html`<section class="card"><h1>Replay</h1><p class="hint">Loading the last hour…</p></section>`;
  const jump = (direction) => {
    const serious = film.events.filter((event) => event.severity !== 'info');
    const next = direction > 0 ? serious.find((event) => event.at > at) : serious.findLast((event) => event.at < at);
    if (next !== undefined) setAt(next.at);
  };
  return html`<section class="card">
      <div class="row wrap"><h1 class="grow">Replay</h1><b class="tabular">${clock(at)}</b>
        <small>${duration(film.to - at)} before the end</small></div>
      <${Marks} film=${film} at=${at} />
      <input class="scrub" type="range" aria-label="Time" aria-valuetext=${clock(at)} min=${film.from} max=${film.to}
        step="1000" value=${at} onInput=${(event) => {
          setAt(Number(event.target.value));
        }} />
      <div class="row wrap"><small>${clock(film.from)}</small><span class="grow"></span>
        <button onClick=${() => {
          jump(-1);
        }}>◂ Previous problem</button>
        ${
          speed === 0
            ? html`<button class="primary" onClick=${() => {
                if (at >= film.to) setAt(film.from);
                setSpeed(10);
              }}>▶ Play</button>`
            : html`<button class="primary" onClick=${() => {
                setSpeed(0);
              }}>❚❚ Pause</button>`
        }
        <button onClick=${() => {
          jump(1);
        }}>Next problem ▸</button><button onClick=${load}>Reload</button>
        <span class="grow"></span><small>${clock(film.to)}</small></div>
    </section>
    <div class="halves">
      <section class="card"><h2>Events up to then</h2>
        <${Timeline} events=${film.eventsNear(at)} max=${60} /></section>
      <section class="card"><h2>Alerts then</h2><${AlertList} alerts=${film.alertsAt(at)} /></section>
    </div>
    <div class=${`split ${selected ? 'open' : ''}`}>
      <section class="card"><h2>The tree at that time</h2>
        <${SearchableTree} picture=${picture} selected=${selected?.key}
        onSelect=${(item) => {
          setSelected({ key: item.key, process: item.process.process, address: item.row?.address });
        }} /></section>
      ${
        selected &&
        html`<${Selected} picture=${picture} selected=${selected} note=${html`<p
          class="hint">The recording keeps no counters.</p>`} onClose=${() => {
          setSelected(undefined);
        }} />`
      }
    </div>`;
}
