import test from 'ava';
import type { EndpointSlice } from '../../api/index.ts';
import { timeText } from '../../api/index.ts';
import { stored } from '../objects.fixture.ts';
import { type FamilySync, ProxyFigures } from './proxy-figures.ts';

const slice = (addressType: 'IPv4' | 'IPv6' | 'FQDN', began: number | undefined): EndpointSlice =>
  stored<EndpointSlice>({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 's',
      annotations: began === undefined ? {} : { 'endpoints.kubernetes.io/last-change-trigger-time': timeText(began) },
    },
    addressType,
    endpoints: [],
  });
const sync = (more: Partial<FamilySync> = {}): FamilySync => ({
  family: 'IPv4',
  isThere: true,
  seconds: 0.003,
  withoutLocal: { internal: 0, external: 0 },
  ...more,
});

function world() {
  let now = 100_000;
  const figures = new ProxyFigures({ now: () => now, monotonic: () => now });
  const valueOf = (name: string): number => {
    const line = figures
      .text(undefined)
      .split('\n')
      .find((each) => each.startsWith(`kubeproxy_${name} `));
    return Number(line?.split(' ').at(-1));
  };
  const at = (ms: number): void => {
    now = ms;
  };
  return { figures, valueOf, at };
}

test('how long a change of endpoints took until it was in the rules is measured once', (t) => {
  const { figures, valueOf, at } = world();
  const measured = (family = 'IPv4'): number =>
    valueOf(`network_programming_duration_seconds_count{ip_family="${family}"}`);
  figures.sliceChanged(slice('IPv4', 99_000), undefined);
  figures.sliceChanged(slice('IPv4', 101_000), undefined);
  figures.sliceChanged(slice('IPv4', 101_000), slice('IPv4', 101_000));
  figures.sliceChanged(slice('IPv4', undefined), slice('IPv4', 101_000));
  figures.sliceChanged(undefined, slice('IPv4', 101_000));
  figures.sliceChanged(slice('FQDN', 101_000), undefined);
  figures.writing();
  at(102_400);
  figures.wrote(sync());
  t.is(measured(), 1, 'not what began before the proxy did, nor what was told before');
  t.is(valueOf('network_programming_duration_seconds_sum{ip_family="IPv4"}'), 1.4);
  t.is(valueOf('network_programming_duration_seconds_bucket{ip_family="IPv4",le="1"}'), 0);
  t.is(valueOf('network_programming_duration_seconds_bucket{ip_family="IPv4",le="2"}'), 1);
  figures.writing();
  figures.wrote(sync());
  t.is(measured(), 1);
  figures.sliceChanged(slice('IPv6', 103_000), undefined);
  figures.writing();
  figures.wrote(sync({ family: 'IPv6', isThere: false }));
  t.is(measured('IPv6'), 0);
  figures.writing();
  at(110_000);
  figures.wrote(sync({ family: 'IPv6' }));
  t.is(valueOf('network_programming_duration_seconds_sum{ip_family="IPv6"}'), 7);
  t.is(measured(), 1);
});

test('changes are counted, and wait until they are being written', (t) => {
  const { figures, valueOf } = world();
  const counts = (): readonly number[] =>
    ['endpoint_changes_total', 'endpoint_changes_pending', 'service_changes_total', 'service_changes_pending'].map(
      (name) => valueOf(`sync_proxy_rules_${name}`),
    );
  figures.serviceChanged();
  figures.sliceChanged(slice('IPv4', undefined), undefined);
  figures.sliceChanged(undefined, slice('IPv4', undefined));
  t.deepEqual(counts(), [2, 2, 1, 1]);
  figures.writing();
  figures.serviceChanged();
  t.deepEqual(counts(), [2, 0, 2, 1]);
});

test('each family tells when and how often its rules were written', (t) => {
  const { figures, valueOf, at } = world();
  at(200_000);
  figures.wrote(sync({ withoutLocal: { internal: 1, external: 2 } }));
  figures.wrote(sync({ family: 'IPv6', isThere: false }));
  t.is(valueOf('sync_proxy_rules_last_timestamp_seconds{ip_family="IPv4"}'), 200);
  t.is(valueOf('sync_proxy_rules_last_timestamp_seconds{ip_family="IPv6"}'), 0);
  t.is(valueOf('sync_proxy_rules_nftables_sync_failures_total{ip_family="IPv4"}'), 0);
  t.is(valueOf('sync_proxy_rules_nftables_sync_failures_total{ip_family="IPv6"}'), 1);
  t.is(valueOf('sync_proxy_rules_no_local_endpoints_total{ip_family="IPv4",traffic_policy="internal"}'), 1);
  t.is(valueOf('sync_proxy_rules_no_local_endpoints_total{ip_family="IPv4",traffic_policy="external"}'), 2);
});
