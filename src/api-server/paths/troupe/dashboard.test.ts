import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { startDoor } from '../../testing/index.ts';

test('pages load, run and are framed by nothing else, and a browser keeps to TLS', async (t) => {
  const dashboardFolder = mkdtempSync(join(tmpdir(), 'troupe-dashboard-'));
  t.teardown(() => {
    rmSync(dashboardFolder, { recursive: true });
  });
  writeFileSync(join(dashboardFolder, 'index.html'), '<!doctype html>');
  writeFileSync(join(dashboardFolder, 'app.js'), 'start();');
  const door = startDoor({ dashboardFolder });
  for (const path of ['/troupe/', '/troupe/app.js']) {
    const { status, headers } = await door.ask('GET', path, { user: 'anonymous' });
    t.is(status, 200, path);
    t.like(headers, {
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
    const policy = String(headers['content-security-policy']).split('; ');
    for (const rule of ["default-src 'none'", "script-src 'self'", "form-action 'none'", "frame-ancestors 'none'"])
      t.true(policy.includes(rule), rule);
    t.false(policy.some((rule) => rule.includes('unsafe')));
  }
  t.is((await door.ask('GET', '/troupe/../secret', { user: 'anonymous' })).status === 200, false);
});
