/** The counts, alerts, curves and events of the whole cluster at one look. */
import { html } from './vendor/preact.js';
import { AlertList, Timeline } from './alerts.js';
import { ChaosRuns } from './chaos.js';
import { useLive } from './live.js';
import { useObjects } from './use-objects.js';
import { condition, podState } from './pods.js';
import { Plot } from './plot.js';

const Figure = ({ href, value, of, title, look }) =>
  html`<a class="figure" href=${href}><b class=${look ?? ''}>${value ?? '–'}
    ${of === undefined ? '' : html`<small> / ${of}</small>`}</b><span>${title}</span></a>`;

export function samplesOf(samples, name) {
  return [samples.map((sample) => sample.at), samples.map((sample) => sample[name])];
}

export function OverviewView() {
  const { picture, alerts, events, samples } = useLive();
  const nodes = useObjects('/api/v1/nodes');
  const pods = useObjects('/api/v1/pods');
  const deployments = useObjects('/apis/apps/v1/deployments');
  const processes = [...picture.processes.values()];
  const members = processes.filter((process) => process.role === 'member');
  const ready = [...(nodes?.values() ?? [])].filter((node) => condition(node, 'Ready')).length;
  const running = [...(pods?.values() ?? [])].filter((pod) => podState(pod)[1] === 'good').length;
  const available = [...(deployments?.values() ?? [])].filter(
    (deployment) => (deployment.status?.availableReplicas ?? 0) >= (deployment.spec.replicas ?? 1),
  ).length;
  const heard = members.filter((process) => !process.silent).length;
  const look = (good, all) => (all === undefined ? '' : good < all ? 'warn' : 'good');
  return html`
    <h1 class="hidden">Overview</h1>
    <section class="figures">
      <${Figure} href="#/members" title="members" value=${heard} of=${members.length}
        look=${look(heard, members.length)} />
      <${Figure} href="#/nodes" title="nodes ready" value=${nodes && ready} of=${nodes?.size}
        look=${look(ready, nodes?.size)} />
      <${Figure} href="#/workloads" title="deployments available" value=${deployments && available}
        of=${deployments?.size} look=${look(available, deployments?.size)} />
      <${Figure} href="#/workloads" title="healthy pods" value=${pods && running} of=${pods?.size}
        look=${look(running, pods?.size)} />
      <${Figure} href="#/tree" title="actors"
        value=${processes.reduce((sum, process) => sum + process.rows.size, 0).toLocaleString('en')} />
      <${Figure} href="#/alerts" title="alerts" value=${alerts.length} look=${alerts.length === 0 ? 'good' : 'bad'} />
    </section>
    <${ChaosRuns} />
    <section class="card"><h2>Alerts</h2><${AlertList} alerts=${alerts} /></section>
    <section class="plots">
      <${Plot} title="Commits" unit="/s" data=${samplesOf(samples, 'commits')} />
      <${Plot} title="Log sync" unit="ms" look="--violet" data=${samplesOf(samples, 'sync')} />
      <${Plot} title="Messages handled" unit="/s" look="--good" data=${samplesOf(samples, 'messages')} />
      <${Plot} title="CPU of all processes" unit="%" look="--warn" data=${samplesOf(samples, 'cpu')} />
    </section>
    <section class="card"><h2>Recent events</h2><${Timeline} events=${events} max=${12} /></section>`;
}
