#include "metric.h"

#include <pthread.h>

struct contexts metric_contexts = STAILQ_HEAD_INITIALIZER(metric_contexts);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void metric_lock(void) { pthread_mutex_lock(&lock); }
void metric_unlock(void) { pthread_mutex_unlock(&lock); }

struct cmt *metric_context(const char *owner)
{
    struct cmt *c = must(calloc(1, sizeof *c));

    c->owner = owner;
    TAILQ_INIT(&c->metrics);
    metric_lock();
    STAILQ_INSERT_TAIL(&metric_contexts, c, next);
    metric_unlock();
    return c;
}

void metric_close(struct cmt *context)
{
    metric_lock();
    context->closed = true;
    metric_unlock();
}

bool metric_closed(const struct cmt *context)
{
    bool closed;

    metric_lock();
    closed = context->closed;
    metric_unlock();
    return closed;
}

static char **copy_all(const char *const *texts, int count)
{
    char **copies = must(calloc((size_t) count + 1, sizeof *copies));
    for (int i = 0; i < count; i++) {
        copies[i] = must(strdup(texts[i]));
    }
    return copies;
}

static void free_all(char **texts)
{
    for (char **t = texts; *t != NULL; t++) {
        free(*t);
    }
    free(texts);
}

static struct series *add_series(struct metric *m, const char *const *labels)
{
    struct series *s = must(calloc(1, sizeof *s));

    s->labels = copy_all(labels, m->key_count);
    if (m->type == METRIC_HISTOGRAM) {
        s->buckets = must(calloc(m->bound_count + 1, sizeof *s->buckets));
    }
    STAILQ_INSERT_TAIL(&m->series, s, next);
    return s;
}

static void free_series(struct metric *m)
{
    struct series *s;

    while ((s = STAILQ_FIRST(&m->series)) != NULL) {
        STAILQ_REMOVE_HEAD(&m->series, next);
        free_all(s->labels);
        free(s->buckets);
        free(s);
    }
}

static char *join(const char *const name[3])
{
    struct buffer b = {0};

    for (int i = 0; i < 3; i++) {
        buffer_text(&b, name[i]);
        buffer_text(&b, i < 2 && name[i][0] != '\0' ? "_" : "");
    }
    buffer_append(&b, "", 1);
    return (char *) b.data;
}

static bool complete(const char *const name[3], const char *help)
{
    return name[0] != NULL && name[1] != NULL && name[2] != NULL && name[2][0] != '\0' && help != NULL && help[0] != '\0';
}

struct metric *metric_create(struct cmt *context, enum metric_type type, const char *const name[3], const char *help,
                             int key_count, const char *const *keys)
{
    struct metric *m;

    if (!complete(name, help) || key_count < 0) {
        return NULL;
    }
    m = must(calloc(1, sizeof *m));
    m->context = context;
    m->type = type;
    m->name = join(name);
    m->help = must(strdup(help));
    m->keys = copy_all(keys, key_count);
    m->key_count = key_count;
    STAILQ_INIT(&m->series);
    metric_lock();
    if (key_count == 0) {
        add_series(m, NULL);
    }
    TAILQ_INSERT_TAIL(&context->metrics, m, next);
    metric_unlock();
    return m;
}

/* Only before the first observation: series are as long as the bounds. */
void metric_set_bounds(struct metric *m, const double *bounds, size_t count)
{
    metric_lock();
    free_series(m);
    free(m->bounds);
    m->bounds = must(calloc(count + 1, sizeof *bounds));
    memcpy(m->bounds, bounds, count * sizeof *bounds);
    m->bound_count = count;
    if (m->key_count == 0) {
        add_series(m, NULL);
    }
    metric_unlock();
}

void metric_destroy(struct metric *m)
{
    metric_lock();
    TAILQ_REMOVE(&m->context->metrics, m, next);
    free_series(m);
    metric_unlock();
    free_all(m->keys);
    free(m->bounds);
    free(m->name);
    free(m->help);
    free(m);
}

static bool same(char *const *mine, const char *const *theirs)
{
    for (; *mine != NULL; mine++, theirs++) {
        if (strcmp(*mine, *theirs) != 0) {
            return false;
        }
    }
    return true;
}

static struct series *find_locked(struct metric *m, int count, const char *const *labels)
{
    struct series *s;

    if (count != m->key_count) {
        return NULL;
    }
    STAILQ_FOREACH(s, &m->series, next) {
        if (same(s->labels, labels)) {
            return s;
        }
    }
    return NULL;
}

static struct series *find_or_add_locked(struct metric *m, int count, const char *const *labels)
{
    struct series *s = find_locked(m, count, labels);
    return s != NULL || count != m->key_count ? s : add_series(m, labels);
}

int metric_write(struct metric *m, enum metric_change change, uint64_t time, double value, int count,
                 const char *const *labels)
{
    struct series *s;
    int rc = -1;

    metric_lock();
    if ((s = find_or_add_locked(m, count, labels)) != NULL) {
        value += change == METRIC_ADD ? s->value : 0;
        if (change == METRIC_ADD || m->type != METRIC_COUNTER || value >= s->value || m->resettable) {
            s->value = value;
            s->time = time;
            rc = 0;
        }
    }
    metric_unlock();
    return rc;
}

int metric_observe(struct metric *m, uint64_t time, double value, int count, const char *const *labels)
{
    struct series *s;

    metric_lock();
    if ((s = find_or_add_locked(m, count, labels)) != NULL) {
        for (size_t i = 0; i < m->bound_count; i++) {
            s->buckets[i] += value <= m->bounds[i];
        }
        s->buckets[m->bound_count]++;
        s->count++;
        s->value += value;
        s->time = time;
    }
    metric_unlock();
    return s != NULL ? 0 : -1;
}

int metric_set_histogram(struct metric *m, uint64_t time, const uint64_t *counts, double sum, uint64_t total, int count,
                         const char *const *labels)
{
    struct series *s;

    metric_lock();
    if ((s = find_or_add_locked(m, count, labels)) != NULL) {
        memcpy(s->buckets, counts, (m->bound_count + 1) * sizeof *counts);
        s->count = total;
        s->value = sum;
        s->time = time;
    }
    metric_unlock();
    return s != NULL ? 0 : -1;
}

int metric_read(struct metric *m, int count, const char *const *labels, double *value)
{
    struct series *s;

    metric_lock();
    if ((s = find_locked(m, count, labels)) != NULL) {
        *value = s->value;
    }
    metric_unlock();
    return s != NULL ? 0 : -1;
}
