/** The Raft members, who owns which shard, and the processes. */
import { html } from './vendor/preact.js';
import { Action } from './action.js';
import { bytes, count, since } from './format.js';
import { useLive } from './live.js';
import { samplesOf } from './overview.js';
import { Plot } from './plot.js';
import { call } from './session.js';

const roleLooks = { leader: 'good', follower: 'dim', candidate: 'warn', learner: 'dim' };

function Raft({ members }) {
  const commit = Math.max(0, ...members.map((member) => member.store?.commitIndex ?? 0));
  const leader = members.find((member) => member.store?.role === 'leader' && !member.silent);
  return html`<div class="scroll"><table>
    <thead><tr><th>Member</th><th>Role</th><th class="number">Term</th><th class="number">Commit</th>
      <th class="number">Applied</th><th class="number">Behind</th><th class="number">Revision</th>
      <th class="number">Keys</th><th class="number">Log</th><th class="number">Sync</th>
      <th class="number">Snapshot</th><th></th></tr></thead>
    <tbody>${members.map(({ process, silent, store, at }) => {
      const behind = commit - (store?.appliedIndex ?? 0);
      const matched = leader?.store.progress?.[process];
      return html`<tr key=${process}>
        <td><i class=${`dot ${silent ? 'bad' : 'good'}`}></i> ${process}</td>
        <td class=${silent ? 'bad' : roleLooks[store?.role]}>${silent ? `silent for ${since(at)}` : store?.role}</td>
        <td class="number">${store?.term}</td><td class="number">${count(store?.commitIndex)}</td>
          <td class="number">${count(store?.appliedIndex)}</td>
        <td class=${`number ${behind > 1000 ? 'bad' : behind > 50 ? 'warn' : ''}`}
          title=${matched === undefined ? '' : `The leader knows that it has entry ${matched}`}>${count(behind)}</td>
        <td class="number">${count(store?.revision)}</td><td class="number">${count(store?.keys)}</td>
          <td class="number">${bytes(store?.logBytes)}</td>
        <td class=${`number ${store?.lastSyncMs > 50 ? 'warn' : ''}`}>${store?.lastSyncMs.toFixed(1)} ms</td>
          <td class="number">${bytes(store?.snapshotBytes)}</td>
        <td>${
          members.length > 1 &&
          html`<${Action} label="Drain" small right=${{ path: '/troupe/api/members', verb: 'post' }}
          question=${{
            title: `Drain member ${process}?`,
            text: 'Its shards move to the other members. It gets none until you run troupe member undrain.',
          }}
          run=${async () => {
            await call('/troupe/api/members', {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify({ member: process, drained: true }),
            });
            return `The shards of ${process} are moving to the other members.`;
          }} />`
        }</td></tr>`;
    })}</tbody></table></div>`;
}

/** Which member owns which shard of the resource space, and what is on its way to another. */
function Shards({ members }) {
  const shards = members.flatMap((member) => member.shards ?? []);
  const newest = new Map();
  for (const shard of shards) if ((newest.get(shard.shard)?.epoch ?? -1) < shard.epoch) newest.set(shard.shard, shard);
  if (newest.size === 0) return html`<p class="hint">One member owns every shard.</p>`;
  const owners = [...new Set([...newest.values()].map((shard) => shard.owner))].sort();
  const moving = [...newest.values()].filter((shard) => shard.movingTo);
  const targets = [...new Set(moving.map((shard) => shard.movingTo))].sort();
  const sorted = [...newest.values()].sort((a, b) => a.shard.localeCompare(b.shard, 'en', { numeric: true }));
  return html`<div class="row wrap legend">${owners.map(
    (owner, i) => html`<span key=${owner}>
    <i class=${`shard owner-${i % 6}`}></i> ${owner} <small>
    ${sorted.filter((shard) => shard.owner === owner).length}</small></span>`,
  )}
    ${
      moving.length > 0 &&
      html`<span class="warn" role="status">${moving.length} moving to ${targets.join(', ')}</span>`
    }</div>
    <div class="shards" role="list" aria-label="Shards">${sorted.map(
      (shard) => html`<i key=${shard.shard}
      role="listitem" class=${`shard owner-${owners.indexOf(shard.owner) % 6} ${shard.movingTo ? 'moving' : ''}`}
      title=${`${shard.shard}: ${shard.owner}, epoch ${shard.epoch}${
        shard.movingTo ? `, moves to ${shard.movingTo}` : ''
      }`} aria-label=${`${shard.shard} owned by ${shard.owner}${
        shard.movingTo ? `, moves to ${shard.movingTo}` : ''
      }`}></i>`,
    )}</div>`;
}

export function Processes({ processes }) {
  return html`<div class="scroll"><table>
    <thead><tr><th>Process</th><th>Role</th><th>Uptime</th><th class="number">Actors</th><th class="number">CPU</th>
      <th class="number">Memory</th><th class="number">Event loop</th><th class="number">Disk free</th></tr></thead>
    <tbody>${processes.map(
      (process) => html`<tr key=${process.process}>
      <td><i class=${`dot ${process.silent ? 'bad' : 'good'}`}></i> ${process.process}</td><td>${process.role}</td>
        <td>${
          process.silent ? html`<span class="bad">silent for ${since(process.at)}</span>` : since(process.startedAt)
        }</td>
      <td class="number">${count(process.rows.size)}</td>
        <td class="number">${process.cpuShare === undefined ? '–' : `${(process.cpuShare * 100).toFixed(1)} %`}</td>
        <td class="number">${bytes(process.figures?.residentBytes)}</td>
      <td class=${`number ${process.figures?.loopLagMs > 200 ? 'warn' : ''}`}>
        ${process.figures?.loopLagMs.toFixed(0)} ms</td>
        <td class="number">${bytes(process.figures?.diskFreeBytes)}</td></tr>`,
    )}</tbody></table></div>`;
}

export function MembersView() {
  const { picture, samples } = useLive();
  const processes = picture.sorted();
  const members = processes.filter((process) => process.role === 'member');
  return html`
    <section class="card"><h1>Members</h1><${Raft} members=${members} /></section>
    <section class="plots">
      <${Plot} title="Commits" unit="/s" data=${samplesOf(samples, 'commits')} />
      <${Plot} title="Log sync" unit="ms" look="--violet" data=${samplesOf(samples, 'sync')} />
      <${Plot} title="Messages waiting" look="--warn" data=${samplesOf(samples, 'waiting')} />
      <${Plot} title="Memory of all processes" unit="MiB" look="--good" data=${samplesOf(samples, 'memory')} />
    </section>
    <section class="card"><h2>Shards</h2><${Shards} members=${members} /></section>
    <section class="card"><h2>Processes</h2><${Processes} processes=${processes} /></section>`;
}
