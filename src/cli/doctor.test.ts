import test from 'ava';
import { rootPropagation } from './doctor.ts';

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
