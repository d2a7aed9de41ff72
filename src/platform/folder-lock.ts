/** A lock on a folder that ends with its process. */
import { readFile, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';

/**
 * Takes a folder for this process. The lock is a socket in Linux's abstract namespace, named by the folder's device and
 * inode: the kernel gives it to one process and takes it back when that process ends, however it ends, so no stale lock
 * is ever left. `held` says who has it. It does not reach over network namespaces.
 */
export async function lockFolder(
  folder: string,
): Promise<{ readonly release: () => Promise<void> } | { readonly held: string }> {
  const { dev, ino } = await stat(folder);
  const name = `troupe-folder-${dev}-${ino}`;
  const server = createServer((socket) => {
    socket.destroy();
  });
  const taken = await listens(server, `\0${name}`);
  if (!taken) return { held: await holder(name) };
  server.unref();
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}

function listens(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen({ path }, () => {
      resolve(true);
    });
  });
}

/** Names the process by the kernel's table of sockets, as far as this user may see it. */
async function holder(name: string): Promise<string> {
  const table = await readFile('/proc/net/unix', 'utf8').catch(() => '');
  return table.includes(`@${name}`) ? 'another running process' : 'another process that is just ending';
}
