/*
 * tail.c: the built-in input `tail`: a record {"log": line} per whole line. Path and Exclude_Path are globs with commas between,
 * DB keeps `device inode offset` a line, which is this program's own format and not Fluent Bit's SQLite.
 *
 * Files are known by device and inode and stay open: a renamed one goes on, a deleted one is let go at its end, one that became
 * shorter starts again. Offsets count lines that are in a chunk, in memory: kill -9 loses those that were not delivered.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"
#include "log.h"
#include "msgpack.h"

/* One read; with the map around each line an append stays near half a chunk. */
enum { READ_BYTES = CHUNK_MAX / 2 };

struct file {
    int fd; /* -1: known from the DB only */
    unsigned long long device, inode, offset;
    bool cut, stuck; /* the rest of a long line is passed over; a long line ended the reading */
    char *path;
    STAILQ_ENTRY(file) next;
};

struct tail {
    STAILQ_HEAD(, file) files;
    const char *path, *exclude, *db;
    bool from_head, truncate, scanned;
    size_t max;
    uint64_t refresh, scan_due, due;
};

static bool on(const struct instance *ins, const char *key)
{
    const char *v = properties_get(&ins->properties, key);
    return v != NULL && (strcasecmp(v, "on") == 0 || strcasecmp(v, "true") == 0 || strcasecmp(v, "yes") == 0);
}

static struct file *add(struct tail *t, unsigned long long device, unsigned long long inode)
{
    struct file *f;

    STAILQ_FOREACH(f, &t->files, next) {
        if (f->device == device && f->inode == inode) {
            return f;
        }
    }
    f = must(calloc(1, sizeof *f));
    *f = (struct file){.fd = -1, .device = device, .inode = inode};
    STAILQ_INSERT_TAIL(&t->files, f, next);
    return f;
}

static void let_go(struct tail *t, struct file *f)
{
    STAILQ_REMOVE(&t->files, f, file, next);
    if (f->fd >= 0) {
        close(f->fd);
    }
    free(f->path);
    free(f);
}

static void db_read(struct tail *t)
{
    unsigned long long device, inode, offset;
    FILE *in = t->db != NULL ? fopen(t->db, "r") : NULL;

    while (in != NULL && fscanf(in, "%llu %llu %llu", &device, &inode, &offset) == 3) {
        add(t, device, inode)->offset = offset;
    }
    if (in != NULL) {
        fclose(in);
    }
}

/* Replaced in one step. */
static void db_write(const struct instance *ins, struct tail *t)
{
    char path[PATH_MAX];
    struct file *f;
    FILE *out;

    if (t->db == NULL) {
        return;
    }
    snprintf(path, sizeof path, "%s.new", t->db);
    if ((out = fopen(path, "w")) != NULL) {
        STAILQ_FOREACH(f, &t->files, next) {
            fprintf(out, "%llu %llu %llu\n", f->device, f->inode, f->offset);
        }
        if (fclose(out) == 0 && rename(path, t->db) == 0) {
            return;
        }
    }
    log_error("[input:tail:%s] writing db %s: errno=%d", instance_name(ins), t->db, errno);
}

static bool excluded(const struct tail *t, const char *path)
{
    char list[PATH_MAX], *save = NULL;

    snprintf(list, sizeof list, "%s", t->exclude != NULL ? t->exclude : "");
    for (char *p = strtok_r(list, ", ", &save); p != NULL; p = strtok_r(NULL, ", ", &save)) {
        if (fnmatch(p, path, 0) == 0) {
            return true;
        }
    }
    return false;
}

static void open_file(const struct instance *ins, struct tail *t, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    struct file *f;
    bool known = false;

    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        if (fd >= 0) {
            close(fd);
        }
        return; /* gone again, or not for us */
    }
    STAILQ_FOREACH(f, &t->files, next) {
        known |= f->device == st.st_dev && f->inode == st.st_ino;
    }
    f = add(t, st.st_dev, st.st_ino);
    if (f->fd >= 0) {
        close(fd);
        return;
    }
    f->fd = fd;
    f->path = must(strdup(path));
    if (!known && !t->from_head && !t->scanned) {
        f->offset = (unsigned long long) st.st_size;
    }
    log_info("[input:tail:%s] reading %s from %llu", instance_name(ins), path, f->offset);
}

/* What the first scan does not find of the DB is forgotten: another file may get its inode. */
static void scan(const struct instance *ins, struct tail *t)
{
    char list[PATH_MAX], *save = NULL;
    struct file *f, *after;
    glob_t found;

    snprintf(list, sizeof list, "%s", t->path);
    for (char *p = strtok_r(list, ", ", &save); p != NULL; p = strtok_r(NULL, ", ", &save)) {
        if (glob(p, 0, NULL, &found) != 0) {
            continue;
        }
        for (size_t i = 0; i < found.gl_pathc; i++) {
            if (!excluded(t, found.gl_pathv[i])) {
                open_file(ins, t, found.gl_pathv[i]);
            }
        }
        globfree(&found);
    }
    for (f = STAILQ_FIRST(&t->files); f != NULL; f = after) {
        after = STAILQ_NEXT(f, next);
        if (f->fd < 0) {
            let_go(t, f);
        }
    }
    t->scanned = true;
}

static int init(void *instance)
{
    struct instance *ins = instance;
    struct tail *t = ins->state = must(calloc(1, sizeof *t));
    const char *size = properties_get(&ins->properties, "buffer_max_size");
    const char *refresh = properties_get(&ins->properties, "refresh_interval");
    long long max = size != NULL ? property_bytes(size) : 32000;
    char dir[PATH_MAX], *slash;

    STAILQ_INIT(&t->files);
    t->path = properties_get(&ins->properties, "path");
    t->exclude = properties_get(&ins->properties, "exclude_path");
    t->db = properties_get(&ins->properties, "db");
    t->from_head = on(ins, "read_from_head");
    t->truncate = on(ins, "truncate_long_lines");
    t->refresh = (uint64_t) (refresh != NULL ? atoi(refresh) : 60) * SECOND;
    t->max = (size_t) max;
    if (t->path == NULL || max <= 0 || max >= READ_BYTES || t->refresh == 0) {
        log_error("[input:tail:%s] needs path, a refresh_interval above 0 and a buffer_max_size below %d",
                  instance_name(ins), READ_BYTES);
        return -1;
    }
    /* Fluent Bit makes the folder of storage.path, which is where a DB often lies. */
    snprintf(dir, sizeof dir, "%s", t->db != NULL ? t->db : "");
    if ((slash = strrchr(dir, '/')) != NULL && slash != dir) {
        *slash = '\0';
        mkdir(dir, 0755);
    }
    db_read(t);
    return 0;
}

static void append_line(struct buffer *out, const struct timespec *now, const uint8_t *line, size_t len)
{
    len -= len > 0 && line[len - 1] == '\r';
    buffer_append(out, "\x92\x92", 2);
    mp_write_time(out, (uint32_t) now->tv_sec, (uint32_t) now->tv_nsec);
    mp_write_map(out, 0);
    mp_write_map(out, 1);
    mp_write_str(out, "log", 3);
    mp_write_str(out, line, len);
}

/* Takes the lines of one read. Returns how many bytes of it are done with. */
static size_t split(struct tail *t, struct file *f, const uint8_t *data, size_t len, struct buffer *out, size_t *records)
{
    struct timespec now;
    size_t at = 0;

    clock_gettime(CLOCK_REALTIME, &now);
    while (at < len && !f->stuck) {
        const uint8_t *line = data + at, *end = memchr(line, '\n', len - at);
        size_t n = end != NULL ? (size_t) (end - line) : len - at;

        if (end == NULL && !f->cut && n <= t->max) {
            break; /* half a line */
        }
        if (!f->cut && n > t->max && !t->truncate) {
            log_error("[input:tail] %s: a line is longer than buffer_max_size, the file is not read on", f->path);
            f->stuck = true;
            break;
        }
        if (!f->cut) {
            append_line(out, &now, line, n < t->max ? n : t->max);
            ++*records;
        }
        f->cut = end == NULL;
        at += n + (end != NULL);
    }
    return at;
}

/* True when there may be more to read at once. */
static bool read_file(struct input *in, struct tail *t, struct file *f, uint8_t *data)
{
    struct buffer out = {0};
    size_t records = 0;
    struct stat st = {0};
    ssize_t n;

    if (fstat(f->fd, &st) == 0 && (unsigned long long) st.st_size < f->offset) {
        log_info("[input:tail:%s] %s became shorter, reading it again", instance_name(&in->base), f->path);
        f->offset = 0;
        f->cut = f->stuck = false;
    }
    n = f->stuck ? 0 : pread(f->fd, data, READ_BYTES, (off_t) f->offset);
    f->offset += n > 0 ? split(t, f, data, (size_t) n, &out, &records) : 0;
    if (records > 0) {
        chunk_append(in, NULL, out.data, out.len, records);
    }
    buffer_free(&out);
    if (st.st_nlink == 0 && n < READ_BYTES && records == 0) {
        let_go(t, f);
    }
    return n == READ_BYTES;
}

static void tick(struct input *in, uint64_t now)
{
    struct tail *t = in->base.state;
    struct file *f, *after;
    bool more = false;
    uint8_t *data;

    if (now < t->due) {
        return;
    }
    if (now >= t->scan_due) {
        scan(&in->base, t);
        t->scan_due = now + t->refresh;
    }
    data = must(malloc(READ_BYTES));
    for (f = STAILQ_FIRST(&t->files); f != NULL && !in->paused; f = after) {
        after = STAILQ_NEXT(f, next);
        more |= read_file(in, t, f, data);
    }
    free(data);
    db_write(&in->base, t);
    t->due = more ? 0 : now + SECOND / 4;
}

const struct builtin tail_input = {.kind = KIND_INPUT, .name = "tail", .init = init, .tick = tick};
