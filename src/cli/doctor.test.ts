import test from 'ava';
import { ipv6Finding, overlayFinding, rootPropagation, sctpFinding } from './doctor.ts';

const mounts = (root: string): string => `22 27 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw
27 1 8:1 / / rw,relatime ${root}- ext4 /dev/sda1 rw
31 27 0:26 / /run rw,nosuid shared:5 - tmpfs tmpfs rw`;

test('a private root mount is told with what it keeps from working, and how to change it', (t) => {
  const found = rootPropagation(mounts(''));
  t.like(found, { name: 'root mount', ok: false, fix: 'mount --make-rshared /' });
  t.regex(found.detail, /HostToContainer/);
  t.false(rootPropagation(mounts('master:3 ')).ok, 'it receives, and passes nothing on');
  t.like(rootPropagation(mounts('shared:1 ')), { ok: true, detail: 'shared' });
  t.like(rootPropagation(mounts('shared:1 master:2 ')), { ok: true });
});

test('a machine without IPv6 is told whether its cluster needs it', (t) => {
  t.like(ipv6Finding(true, '10.244.0.0/16'), { ok: true, detail: 'yes' });
  t.regex(ipv6Finding(false, '10.244.0.0/16').detail, /does not need it/);
  t.like(ipv6Finding(false, '10.244.0.0/16,fd00::/48'), { ok: false, isAdvice: true });
  t.regex(ipv6Finding(false, '10.244.0.0/16,fd00::/48').detail, /no address of IPv6/);
});

test('a kernel without VXLAN is told, and keeps only clusters from starting that use nothing else', (t) => {
  t.like(overlayFinding(true, 'auto'), { ok: true, detail: 'yes' });
  t.like(overlayFinding(false, 'auto'), { ok: false, isAdvice: true });
  t.regex(overlayFinding(false, undefined).detail, /behind a router cannot be reached/);
  t.like(overlayFinding(false, 'vxlan'), { ok: false, isAdvice: false });
});

test('a kernel that lacks a part of SCTP is told what does not work, which keeps no cluster from starting', (t) => {
  t.like(sctpFinding({ sockets: true, translation: true }), { ok: true, detail: 'yes' });
  const mute = sctpFinding({ sockets: false, translation: true });
  t.like(mute, { ok: false, isAdvice: true });
  t.regex(mute.detail, /no program of a pod can use it/);
  const plain = sctpFinding({ sockets: true, translation: false });
  t.like(plain, { ok: false, isAdvice: true });
  t.regex(plain.detail, /Services and host ports of it lead nowhere/);
});
