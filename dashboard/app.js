/** The page: signing in, the navigation, and the view that the address names. */
import { html, render, useEffect, useState } from './vendor/preact.js';
import { currentUser, onSignedOut, resume, signIn, signOut } from './session.js';
import { startLive, stopLive, useLive } from './live.js';
import { Dialogs } from './action.js';
import { AlertsView } from './alerts.js';
import { MembersView } from './members.js';
import { NodesView } from './nodes.js';
import { ObjectsView } from './objects.js';
import { ObjectView } from './object.js';
import { OverviewView } from './overview.js';
import { ReplayView } from './replay.js';
import { TraceView } from './trace.js';
import { TreeView } from './tree-view.js';
import { WorkloadsView } from './workloads.js';

const views = [
  ['overview', 'Overview', '◎', OverviewView],
  ['tree', 'Supervision', '⌥', TreeView],
  ['members', 'Members', '⬡', MembersView],
  ['nodes', 'Nodes', '▦', NodesView],
  ['workloads', 'Workloads', '▤', WorkloadsView],
  ['objects', 'Objects', '❏', ObjectsView],
  ['alerts', 'Alerts', '△', AlertsView],
  ['replay', 'Replay', '↺', ReplayView],
  ['trace', 'Trace', '⇶', TraceView],
];

/** The place that the address bar names: `#/objects/api/v1/…` -> view `objects`, path `/api/v1/…`. */
function placeOf(hash) {
  const [, view = 'overview', ...rest] = hash.replace(/^#/, '').split('?')[0].split('/');
  return { view: view || 'overview', path: rest.length === 0 ? '' : `/${rest.join('/')}` };
}

function usePlace() {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const changed = () => {
      setPlace(placeOf(location.hash));
      document.querySelector('main')?.scrollTo(0, 0);
    };
    addEventListener('hashchange', changed);
    return () => {
      removeEventListener('hashchange', changed);
    };
  }, []);
  return place;
}

const themes = ['auto', 'light', 'dark'];
const themeMarks = { auto: '◐', light: '☀', dark: '☾' };

function Theme() {
  const [theme, setTheme] = useState(localStorage.getItem('theme') ?? 'auto');
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem('theme', theme);
    dispatchEvent(new Event('themechange'));
  }, [theme]);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length];
  return html`<button class="quiet" aria-label=${`Colours: ${theme}; change to ${next}`} title=${`Colours: ${theme}`}
    onClick=${() => {
      setTheme(next);
    }}>${themeMarks[theme]}</button>`;
}

function Login({ problem, onSignedIn }) {
  const [error, setError] = useState(problem);
  const [busy, setBusy] = useState(false);
  const attempt = async (value) => {
    setBusy(true);
    try {
      await signIn(value);
      onSignedIn();
    } catch (reason) {
      setError(reason.message);
      setBusy(false);
    }
  };
  return html`<main class="login"><form class="card" onSubmit=${(event) => {
    event.preventDefault();
    void attempt(new FormData(event.target).get('token').trim());
  }}>
    <h1><img src="icon.svg" alt="" width="36" height="36" /> Troupe</h1>
    <label>Bearer token<input name="token" type="password" autocomplete="off" required autofocus /></label>
    <button class="primary" disabled=${busy}>Sign in</button>
    <button type="button" class="quiet" disabled=${busy}
      onClick=${() => attempt('')}>Use a client certificate of this browser</button>
    ${error && html`<p class="bad" role="alert">${error}</p>`}
    <p class="hint">The administrator's token is in the cluster's <code>nats.json</code>; <code>kubectl create
      token</code> creates one for a service account.</p>
  </form></main>`;
}

function Header({ onSignOut }) {
  const { connected, problem, alerts } = useLive();
  const critical = alerts.filter((alert) => alert.severity === 'critical').length;
  return html`<header class="top">
    <a class="brand" href="#/overview"><img src="icon.svg" alt="" width="24" height="24" /><span>Troupe</span></a>
    ${
      connected
        ? html`<span class="pill good"><i class="dot pulse"></i>live</span>`
        : html`<span class="pill bad"
      role="alert"><i class="dot"></i>${
        problem?.code === 403 ? 'not allowed to view the supervision tree' : (problem?.message ?? 'connecting…')
      }</span>`
    }
    <a class=${`pill ${critical > 0 ? 'bad' : alerts.length > 0 ? 'warn' : 'dim'}`} href="#/alerts">
      ${alerts.length === 0 ? 'no alerts' : `${alerts.length} ${alerts.length === 1 ? 'alert' : 'alerts'}`}</a>
    <span class="grow"></span>
    <span class="user" title="Signed in as">${currentUser()}</span>
    <${Theme} />
    <button class="quiet" onClick=${onSignOut}>Sign out</button>
  </header>`;
}

function Navigation({ view }) {
  return html`<nav aria-label="Views">${views.map(
    ([id, title, mark], position) => html`<a key=${id} href=${`#/${id}`}
    aria-current=${view === id ? 'page' : undefined} title=${`${title} (key ${position + 1})`}>
    <i aria-hidden="true">${mark}</i><span>${title}</span></a>`,
  )}</nav>`;
}

/** Digits go to a view; / goes to the search of the view. Never while someone types. */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const view = views[Number(event.key) - 1];
  if (view !== undefined) location.hash = `#/${view[0]}`;
  if (event.key === '/') {
    const search = document.querySelector('main input[type=search]');
    if (search === null) return;
    event.preventDefault();
    search.focus();
  }
}

function Shell() {
  const place = usePlace();
  useEffect(() => {
    startLive();
    addEventListener('keydown', onKey);
    return () => {
      stopLive();
      removeEventListener('keydown', onKey);
    };
  }, []);
  const [, title, , View] = views.find(([id]) => id === place.view) ?? views[0];
  useEffect(() => {
    document.title = `${title} · Troupe`;
  }, [title]);
  return html`<div class="shell">
    <${Header} onSignOut=${() => {
      signOut();
    }} />
    <${Navigation} view=${place.view} />
    <main tabindex="-1">${
      place.view === 'objects' && place.path !== ''
        ? html`<${ObjectView} path=${place.path}
      key=${place.path} />`
        : html`<${View} path=${place.path} />`
    }</main>
    <${Dialogs} />
  </div>`;
}

function App() {
  const [state, setState] = useState('starting');
  const [problem, setProblem] = useState();
  useEffect(() => {
    resume(setProblem).then(
      () => {
        setProblem(undefined);
        setState('in');
      },
      () => {
        setProblem(undefined);
        setState('out');
      },
    );
    return onSignedOut((message) => {
      setProblem(message);
      setState('out');
    });
  }, []);
  if (state === 'starting')
    return html`<p class="hint center">Loading… ${problem && `(the API does not answer yet: ${problem})`}</p>`;
  return state === 'in'
    ? html`<${Shell} />`
    : html`<${Login} problem=${problem} onSignedIn=${() => {
        setState('in');
      }} />`;
}

document.documentElement.dataset.theme = localStorage.getItem('theme') ?? 'auto';
const place = document.getElementById('app');
place.textContent = '';
render(html`<${App} />`, place);
