/*
 * A disk that lies, for one process: loaded with LD_PRELOAD, it stands between the process and the files under one
 * folder. The process sees what it wrote, as it would from the kernel's page cache. Beside that stands the platter:
 * what a disk would hold after a power loss. A write reaches it when its file is synced, a name when its folder is.
 * faulty-disk.ts makes the power loss, and gives orders and reads counts in a page that both map.
 *
 *   FAULTY_ROOT      the folder (absolute, as the process names it)
 *   FAULTY_PLATTER   volatile/  each file as the process names it now; its bytes are those on the platter
 *                    durable/   the same files by their synced names (hard links)
 *                    dirty/     by inode: which ranges of a file were written and not synced; they outlive the process,
 *                               as dirty pages do, until a sync writes them or fails and forgets them
 *   FAULTY_CONTROL   the page
 *
 * A new folder counts as synced at once; folders are neither renamed nor removed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES_MAX 4096
#define PATH_BYTES 1024
#define ALIAS(name, of) __attribute__((visibility("default"), alias(#of))) typeof(of) name

/* The order is that of faulty-disk.ts. */
struct page {
  _Atomic int64_t fail_syncs, hang_syncs, space_left, flip_reads, flip_at;
  _Atomic int64_t syncs, failed, hanging, refused, shortened, flipped, unsynced;
};

struct range {
  int64_t at, length;
}; /* length TRUNCATED: the file was cut, or grew, to `at`; SYNCED (in dirty/ alone): the first `at` ranges are over */
enum { TRUNCATED = -1, SYNCED = -2 };

struct file {
  ino_t inode;
  int users, platter, dirty;
  size_t count, room;
  struct range *ranges;
};

struct opened {
  struct file *file; /* or */
  char *folder;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct opened table[FILES_MAX];
static struct file *files[FILES_MAX];
static const char *root, *platter;
static struct page *page;

static int (*real_open)(const char *, int, ...);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static int (*real_fsync)(int), (*real_fdatasync)(int), (*real_ftruncate)(int, off_t);
static int (*real_rename)(const char *, const char *), (*real_unlink)(const char *), (*real_mkdir)(const char *, mode_t);

__attribute__((constructor)) static void begin(void) {
  real_open = dlsym(RTLD_NEXT, "open"), real_pwrite = dlsym(RTLD_NEXT, "pwrite");
  real_pwritev = dlsym(RTLD_NEXT, "pwritev"), real_pread = dlsym(RTLD_NEXT, "pread");
  real_fsync = dlsym(RTLD_NEXT, "fsync"), real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate"), real_rename = dlsym(RTLD_NEXT, "rename");
  real_unlink = dlsym(RTLD_NEXT, "unlink"), real_mkdir = dlsym(RTLD_NEXT, "mkdir");
  const char *control = getenv("FAULTY_CONTROL");
  root = getenv("FAULTY_ROOT"), platter = getenv("FAULTY_PLATTER");
  if (control == NULL || root == NULL || platter == NULL) return;
  int descriptor = real_open(control, O_RDWR | O_CLOEXEC);
  void *map = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (descriptor < 0 || map == MAP_FAILED) abort();
  page = map;
  atomic_store(&page->hanging, 0);
}

/* What the disk itself cannot do ends the process: a fault that nobody asked for must not pass for one. */
static void must(int fine, const char *what) {
  if (fine) return;
  perror(what);
  abort();
}

/* The part of a path below the root; NULL when it lies elsewhere. */
static const char *inside(const char *path) {
  if (page == NULL) return NULL;
  size_t length = strlen(root);
  return strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0) ? path + length : NULL;
}

static void place(char *into, const char *area, const char *below) {
  must(snprintf(into, PATH_BYTES, "%s/%s%s", platter, area, below) < PATH_BYTES, "path");
}

static void note(struct file *file, struct range range) {
  if (file->count == file->room) {
    file->room = file->room * 2 + 16;
    must((file->ranges = realloc(file->ranges, file->room * sizeof range)) != NULL, "realloc");
  }
  file->ranges[file->count++] = range;
  must(write(file->dirty, &range, sizeof range) == sizeof range, "dirty");
  if (range.length > 0) atomic_fetch_add(&page->unsynced, range.length);
}

/* The first ranges are no longer dirty. */
static void forget(struct file *file, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (file->ranges[i].length > 0) atomic_fetch_sub(&page->unsynced, file->ranges[i].length);
  file->count -= count;
  memmove(file->ranges, file->ranges + count, file->count * sizeof(struct range));
  struct range synced = {(int64_t)count, SYNCED};
  if (file->count == 0) must(real_ftruncate(file->dirty, 0) == 0, "dirty");
  else must(write(file->dirty, &synced, sizeof synced) == sizeof synced, "dirty");
}

/* What an earlier process left dirty. */
static void recall(struct file *file) {
  struct range range;
  for (off_t at = 0; real_pread(file->dirty, &range, sizeof range, at) == sizeof range; at += sizeof range) {
    if (range.length == SYNCED) {
      file->count -= range.at;
      memmove(file->ranges, file->ranges + range.at, file->count * sizeof range);
      continue;
    }
    if (file->count == file->room)
      must((file->ranges = realloc(file->ranges, (file->room = file->room * 2 + 16) * sizeof range)) != NULL, "realloc");
    file->ranges[file->count++] = range;
  }
}

static void leave(struct opened *slot) {
  struct file *file = slot->file;
  free(slot->folder);
  slot->folder = NULL, slot->file = NULL;
  if (file == NULL || --file->users > 0) return;
  for (int i = 0; i < FILES_MAX; i++)
    if (files[i] == file) files[i] = NULL;
  close(file->platter), close(file->dirty);
  free(file->ranges), free(file);
}

/* The file on the platter that a descriptor writes to; NULL when it has none. */
static struct file *meet(const char *below, int flags) {
  char path[PATH_BYTES], dirty[64], dirty_path[PATH_BYTES];
  place(path, "volatile", below);
  int fresh = access(path, F_OK) != 0;
  int descriptor = real_open(path, O_RDWR | O_CLOEXEC | (flags & O_CREAT), 0600);
  if (descriptor < 0) return NULL;
  struct stat facts;
  must(fstat(descriptor, &facts) == 0, "fstat");
  int free_slot = -1;
  for (int i = 0; i < FILES_MAX; i++) {
    if (files[i] != NULL && files[i]->inode == facts.st_ino) {
      close(descriptor);
      files[i]->users++;
      return files[i];
    }
    if (files[i] == NULL && free_slot < 0) free_slot = i;
  }
  must(free_slot >= 0, "too many files");
  struct file *file = calloc(1, sizeof *file);
  snprintf(dirty, sizeof dirty, "/%ju", (uintmax_t)facts.st_ino);
  place(dirty_path, "dirty", dirty);
  file->inode = facts.st_ino, file->users = 1, file->platter = descriptor;
  file->dirty = real_open(dirty_path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | (fresh ? O_TRUNC : 0), 0600);
  must(file->dirty >= 0, dirty_path);
  recall(file);
  return files[free_slot] = file;
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (page == NULL) return real_open(path, flags, mode);
  pthread_mutex_lock(&lock);
  int descriptor = real_open(path, flags, mode), failure = errno;
  const char *below = inside(path);
  struct stat facts;
  if (descriptor >= 0 && descriptor < FILES_MAX) {
    leave(&table[descriptor]);
    if (below != NULL && fstat(descriptor, &facts) == 0 && S_ISDIR(facts.st_mode))
      table[descriptor].folder = strdup(below);
    else if (below != NULL && (table[descriptor].file = meet(below, flags)) != NULL && (flags & O_TRUNC) != 0)
      note(table[descriptor].file, (struct range){0, TRUNCATED});
  }
  pthread_mutex_unlock(&lock);
  errno = failure;
  return descriptor;
}
ALIAS(open64, open);

static struct opened *known(int descriptor) {
  static struct opened none;
  return page != NULL && descriptor >= 0 && descriptor < FILES_MAX ? &table[descriptor] : &none;
}

/* How many of these bytes find room: those that make the file longer need it. 0: none do. */
static size_t room_for(int descriptor, size_t length, off_t at) {
  int64_t left = atomic_load(&page->space_left);
  struct stat facts;
  if (left < 0 || fstat(descriptor, &facts) != 0) return length;
  int64_t inside_file = at < facts.st_size ? facts.st_size - at : 0;
  int64_t grows = (int64_t)length - inside_file;
  if (grows <= 0) return length;
  int64_t taken = grows < left ? grows : left;
  atomic_fetch_sub(&page->space_left, taken);
  if (taken == grows) return length;
  size_t fits = (size_t)((inside_file < 0 ? 0 : inside_file) + taken);
  atomic_fetch_add(fits == 0 ? &page->refused : &page->shortened, 1);
  return fits;
}

static ssize_t put(int descriptor, const void *bytes, size_t length, off_t at) {
  struct file *file = known(descriptor)->file;
  if (file == NULL || length == 0) return real_pwrite(descriptor, bytes, length, at);
  ssize_t written = -1;
  int failure = ENOSPC;
  pthread_mutex_lock(&lock);
  size_t fits = room_for(descriptor, length, at);
  if (fits > 0) {
    note(file, (struct range){at, (int64_t)fits});
    written = real_pwrite(descriptor, bytes, fits, at);
    failure = errno;
  }
  pthread_mutex_unlock(&lock);
  errno = failure;
  return written;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t at) {
  return put(descriptor, bytes, length, at);
}
ALIAS(pwrite64, pwrite);

ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t at) {
  if (known(descriptor)->file == NULL) return real_pwritev(descriptor, parts, count, at);
  size_t length = 0;
  for (int i = 0; i < count; i++) length += parts[i].iov_len;
  char *joined = malloc(length + 1), *end = joined;
  must(joined != NULL, "malloc");
  for (int i = 0; i < count; i++) end = mempcpy(end, parts[i].iov_base, parts[i].iov_len);
  ssize_t written = put(descriptor, joined, length, at);
  int failure = errno;
  free(joined);
  errno = failure;
  return written;
}
ALIAS(pwritev64, pwritev);

int ftruncate(int descriptor, off_t length) {
  struct file *file = known(descriptor)->file;
  if (file == NULL) return real_ftruncate(descriptor, length);
  pthread_mutex_lock(&lock);
  note(file, (struct range){length, TRUNCATED});
  int result = real_ftruncate(descriptor, length);
  pthread_mutex_unlock(&lock);
  return result;
}
ALIAS(ftruncate64, ftruncate);

ssize_t pread(int descriptor, void *into, size_t length, off_t at) {
  ssize_t count = real_pread(descriptor, into, length, at);
  if (known(descriptor)->file == NULL || count < 512) return count;
  pthread_mutex_lock(&lock);
  if (atomic_load(&page->flip_reads) > 0) {
    atomic_fetch_sub(&page->flip_reads, 1);
    int64_t bit = atomic_load(&page->flip_at) % (count * 8);
    ((unsigned char *)into)[bit / 8] ^= (unsigned char)(1 << bit % 8);
    atomic_fetch_add(&page->flipped, 1);
  }
  pthread_mutex_unlock(&lock);
  return count;
}
ALIAS(pread64, pread);

/* Copies what was written before the sync began. */
static void settle(int descriptor, struct file *file, size_t count) {
  static char buffer[1 << 16];
  for (size_t i = 0; i < count; i++) {
    struct range range = file->ranges[i];
    if (range.length == TRUNCATED) must(real_ftruncate(file->platter, range.at) == 0, "platter");
    for (int64_t done = 0; done < range.length;) {
      int64_t left = range.length - done;
      ssize_t got = real_pread(descriptor, buffer, left < (int64_t)sizeof buffer ? (size_t)left : sizeof buffer,
                               range.at + done);
      if (got <= 0) break; /* it was cut since */
      must(real_pwrite(file->platter, buffer, (size_t)got, range.at + done) == got, "platter");
      done += got;
    }
  }
  forget(file, count);
}

static int same(const char *one, const char *other) {
  struct stat a, b;
  return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_ino == b.st_ino;
}

/* One folder's synced names become those of now: `from` has the names, `to` gets or loses them. */
static void copy_names(const char *below, const char *from, const char *to, int take) {
  char folder[PATH_BYTES], here[PATH_BYTES * 2], there[PATH_BYTES * 2];
  place(folder, from, below);
  DIR *names = opendir(folder);
  if (names == NULL) return;
  for (struct dirent *entry; (entry = readdir(names)) != NULL;) {
    snprintf(here, sizeof here, "%s/%s", folder, entry->d_name);
    snprintf(there, sizeof there, "%s/%s%s/%s", platter, to, below, entry->d_name);
    if (entry->d_type != DT_REG || same(here, there)) continue;
    if (take) real_unlink(there), must(link(here, there) == 0, there);
    else if (access(there, F_OK) != 0) real_unlink(here);
  }
  closedir(names);
}

static int sync_with(int (*real)(int), int descriptor) {
  struct opened *slot = known(descriptor);
  if (slot->file == NULL && slot->folder == NULL) return real(descriptor);
  pthread_mutex_lock(&lock);
  size_t count = slot->file == NULL ? 0 : slot->file->count;
  pthread_mutex_unlock(&lock);
  atomic_fetch_add(&page->hanging, 1);
  while (atomic_load(&page->hang_syncs) > 0) usleep(500);
  atomic_fetch_sub(&page->hanging, 1);
  int result = real(descriptor), failure = errno;
  pthread_mutex_lock(&lock);
  /* Another sync of the file may have ended meanwhile. */
  if (slot->file != NULL && count > slot->file->count) count = slot->file->count;
  if (result == 0 && slot->file != NULL && atomic_load(&page->fail_syncs) > 0) {
    atomic_fetch_sub(&page->fail_syncs, 1);
    atomic_fetch_add(&page->failed, 1);
    forget(slot->file, count);
    result = -1, failure = EIO;
  } else if (result == 0) {
    if (slot->file != NULL) settle(descriptor, slot->file, count);
    else copy_names(slot->folder, "volatile", "durable", 1), copy_names(slot->folder, "durable", "volatile", 0);
    atomic_fetch_add(&page->syncs, 1);
  }
  pthread_mutex_unlock(&lock);
  errno = failure;
  return result;
}

int fsync(int descriptor) { return sync_with(real_fsync, descriptor); }
int fdatasync(int descriptor) { return sync_with(real_fdatasync, descriptor); }

int rename(const char *from, const char *to) {
  char here[PATH_BYTES], there[PATH_BYTES];
  pthread_mutex_lock(&lock);
  int result = real_rename(from, to), failure = errno;
  if (result == 0 && inside(from) != NULL && inside(to) != NULL) {
    place(here, "volatile", inside(from)), place(there, "volatile", inside(to));
    real_rename(here, there);
  }
  pthread_mutex_unlock(&lock);
  errno = failure;
  return result;
}

int unlink(const char *path) {
  char here[PATH_BYTES];
  pthread_mutex_lock(&lock);
  int result = real_unlink(path), failure = errno;
  if (result == 0 && inside(path) != NULL) place(here, "volatile", inside(path)), real_unlink(here);
  pthread_mutex_unlock(&lock);
  errno = failure;
  return result;
}

int mkdir(const char *path, mode_t mode) {
  char here[PATH_BYTES];
  int result = real_mkdir(path, mode), failure = errno;
  if (result == 0 && inside(path) != NULL) {
    place(here, "volatile", inside(path)), real_mkdir(here, 0700);
    place(here, "durable", inside(path)), real_mkdir(here, 0700);
  }
  errno = failure;
  return result;
}
