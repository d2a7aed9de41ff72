import { html, render, useEffect, useMemo, useState } from './vendor/preact.js';
import { call, events, objects } from './feed.js';
import { Tree } from './tree.js';

const kinds = [
  ['Nodes', '/api/v1/nodes'],
  ['Namespaces', '/api/v1/namespaces'],
  ['Pods', '/api/v1/pods'],
  ['Services', '/api/v1/services'],
  ['Deployments', '/apis/apps/v1/deployments'],
  ['StatefulSets', '/apis/apps/v1/statefulsets'],
  ['DaemonSets', '/apis/apps/v1/daemonsets'],
  ['Jobs', '/apis/batch/v1/jobs'],
];

const condition = (object, type) => object.status?.conditions?.find((found) => found.type === type)?.status === 'True';

function podState(pod) {
  if (pod.metadata.deletionTimestamp) return ['Terminating', 'warn'];
  const waiting = (pod.status?.containerStatuses ?? []).map((status) => status.state?.waiting?.reason).find(Boolean);
  if (waiting && waiting !== 'ContainerCreating' && waiting !== 'PodInitializing') return [waiting, 'bad'];
  const phase = pod.status?.phase ?? 'Pending';
  if (phase === 'Failed') return [phase, 'bad'];
  if (phase === 'Running' && !condition(pod, 'Ready')) return ['Running, not ready', 'warn'];
  return [phase, phase === 'Pending' ? 'warn' : 'good'];
}

function Login({ problem, onToken }) {
  const submit = (event) => {
    event.preventDefault();
    onToken(new FormData(event.target).get('token').trim());
  };
  return html`<section>
    <h2>Sign in</h2>
    <p>Paste a bearer token: the one in the cluster's <code>nats.json</code>, or one made with <code>kubectl create token</code>.</p>
    <form onSubmit=${submit}><input name="token" type="password" autocomplete="off" aria-label="Token" required autofocus /><button>Sign in</button></form>
    ${problem && html`<p class="bad" role="alert">${problem}</p>`}
  </section>`;
}

function Figures({ data }) {
  return html`<div class="figures">${kinds.map(([name]) => html`<div class="figure" key=${name}><b>${data[name]?.size ?? '–'}</b><span>${name}</span></div>`)}</div>`;
}

function Pods({ pods }) {
  const rows = [...(pods?.values() ?? [])].sort((a, b) => `${a.metadata.namespace}/${a.metadata.name}`.localeCompare(`${b.metadata.namespace}/${b.metadata.name}`)).slice(0, 200);
  return html`<section><h2>Pods</h2><table>
    <thead><tr><th>Namespace</th><th>Name</th><th>State</th><th>Restarts</th><th>Node</th><th>Address</th></tr></thead>
    <tbody>${rows.map((pod) => {
      const [state, look] = podState(pod);
      const restarts = (pod.status?.containerStatuses ?? []).reduce((sum, status) => sum + status.restartCount, 0);
      return html`<tr key=${pod.metadata.uid}><td>${pod.metadata.namespace}</td><td>${pod.metadata.name}</td><td class=${look}>${state}</td><td>${restarts}</td><td>${pod.spec.nodeName ?? ''}</td><td>${pod.status?.podIP ?? ''}</td></tr>`;
    })}</tbody></table>${rows.length === 0 && html`<p class="hint">No pods yet.</p>`}</section>`;
}

function Nodes({ nodes }) {
  return html`<section><h2>Nodes</h2><table>
    <thead><tr><th>Name</th><th>State</th><th>Pods</th><th>CPU</th><th>Memory</th><th>Runtime</th></tr></thead>
    <tbody>${[...(nodes?.values() ?? [])].map((node) => {
      const ready = condition(node, 'Ready');
      const { cpu, memory, pods } = node.status?.allocatable ?? {};
      return html`<tr key=${node.metadata.uid}><td>${node.metadata.name}</td><td class=${ready ? 'good' : 'bad'}>${ready ? 'Ready' : 'Not ready'}${node.spec?.unschedulable ? ', cordoned' : ''}</td><td>${pods}</td><td>${cpu}</td><td>${memory}</td><td>${node.status?.nodeInfo?.containerRuntimeVersion ?? ''}</td></tr>`;
    })}</tbody></table></section>`;
}

function Store({ store }) {
  if (!store) return null;
  const figures = [['Role', store.role], ['Term', store.term], ['Revision', store.revision], ['Keys', store.keys], ['Log', `${(store.logBytes / 1048576).toFixed(1)} MiB`], ['Last sync', `${store.lastSyncMs.toFixed(1)} ms`]];
  return html`<section><h2>Store</h2><div class="figures">${figures.map(([name, value]) => html`<div class="figure" key=${name}><b>${value}</b><span>${name}</span></div>`)}</div></section>`;
}

function Dashboard({ token, onSignedOut }) {
  const [data, setData] = useState({});
  const [tree, setTree] = useState();
  const [store, setStore] = useState();
  const [problem, setProblem] = useState();
  const signal = useMemo(() => new AbortController(), [token]);
  useEffect(() => {
    const onProblem = (error) => {
      if (error?.code === 401) onSignedOut(error.message);
      else setProblem(error?.message);
    };
    events('/troupe/api/tree', { token, signal: signal.signal, onProblem, onEvent: (name, value) => { if (name === 'tree') setTree(value); else setStore(value); } });
    for (const [name, path] of kinds) objects(path, { token, signal: signal.signal, onProblem, onChange: (map) => { setData((before) => ({ ...before, [name]: map })); } });
    return () => { signal.abort(); };
  }, [token]);
  return html`
    <header><h1>Troupe</h1><small>${problem ? html`<span class="bad" role="alert">${problem}</span>` : html`<span class="good">live</span>`}</small></header>
    <section><${Figures} data=${data} /></section>
    <${Store} store=${store} />
    <${Nodes} nodes=${data.Nodes} />
    <${Pods} pods=${data.Pods} />
    <${Tree} root=${tree} />`;
}

function App() {
  const [token, setToken] = useState(sessionStorage.getItem('token') ?? '');
  const [signedIn, setSignedIn] = useState(token !== '');
  const [problem, setProblem] = useState();
  const signIn = async (value) => {
    try {
      await call('/troupe/api/status', value);
      sessionStorage.setItem('token', value);
      setToken(value);
      setSignedIn(true);
    } catch (error) {
      setProblem(error.message);
    }
  };
  const signOut = (message) => {
    sessionStorage.removeItem('token');
    setSignedIn(false);
    setProblem(message);
  };
  // A browser with a client certificate needs no token.
  useEffect(() => { if (!signedIn) call('/troupe/api/status').then(() => { setSignedIn(true); }, () => undefined); }, []);
  return signedIn ? html`<${Dashboard} token=${token} onSignedOut=${signOut} />` : html`<header><h1>Troupe</h1></header><${Login} problem=${problem} onToken=${signIn} />`;
}

const place = document.getElementById('app');
place.textContent = '';
render(html`<${App} />`, place);
