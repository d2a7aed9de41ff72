/** The proxies that Troupe is measured beside. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another proxy on this machine, set up to do the same with one process. */
export interface PeerProxy {
  readonly name: string;
  readonly port: number;
  readonly command: readonly [program: string, ...args: string[]];
}

const version = (program: string): string | undefined => {
  const { error, stdout, stderr } = spawnSync(program, ['-v'], { encoding: 'utf8' });
  return error === undefined ? /(\d+\.\d+\.\d+)/.exec(stdout + stderr)?.[1] : undefined;
};

/** nginx, where it is installed: one worker, connections to the pod kept. */
export function nginxPeer(
  folder: string,
  { port, podPort }: { readonly port: number; readonly podPort: number },
): PeerProxy | undefined {
  const found = version('nginx');
  if (found === undefined) return undefined;
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  upstream pods { server 127.0.0.1:${podPort}; keepalive 128; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://pods; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $host; proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header X-Real-IP $remote_addr;
    }
  }
}
`,
  );
  return { name: `nginx ${found}`, port, command: ['nginx', '-c', file, '-e', join(folder, 'nginx.log')] };
}

/** HAProxy, where it is installed: one thread, connections to the pod kept. */
export function haproxyPeer(
  folder: string,
  { port, podPort }: { readonly port: number; readonly podPort: number },
): PeerProxy | undefined {
  const found = version('haproxy');
  if (found === undefined) return undefined;
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend clients
  bind 127.0.0.1:${port}
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(Host)]
  http-request set-header X-Forwarded-Port ${port}
  http-request set-header X-Real-IP %[src]
  default_backend pods
backend pods
  server pod 127.0.0.1:${podPort}
`,
  );
  return { name: `haproxy ${found}`, port, command: ['haproxy', '-db', '-f', file] };
}
