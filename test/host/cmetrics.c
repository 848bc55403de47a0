/*
 * cmetrics.c: the functions of cmetrics that a plugin finds with dlsym(RTLD_DEFAULT, …) and calls with the context that flb_api
 * gives it for an instance. Names and signatures follow lib/cmetrics and lib/cfl of Fluent Bit 5.1.1.
 *
 * Fluent Bit frees the context when the instance has exited. A plugin that comes back later reads freed memory there, and dies
 * here with the name of the instance.
 */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "host.h"
#include "log.h"
#include "metric.h"

/* A host may be built without metrics for plugins: make METRICS=0 builds one. */
#ifdef WITHOUT_METRICS
#define METRICS extern __attribute__((visibility("hidden")))
#else
#define METRICS extern EXPORT
#endif

static struct cmt *check(struct cmt *context)
{
    char text[256];
    int len;

    if (metric_closed(context)) {
        len = snprintf(text, sizeof text, "FATAL: plugin used the metrics of %s after its exit\n", context->owner);
        if (write(STDERR_FILENO, text, (size_t) len) >= 0) {
            fsync(STDERR_FILENO);
        }
        abort();
    }
    return context;
}

static struct metric *create(struct cmt *context, enum metric_type type, const char *const name[3], char *help, int count,
                             char **keys)
{
    struct metric *m = metric_create(check(context), type, name, help, count, (const char *const *) keys);
    if (m == NULL) {
        log_error("[cmetrics] %s: a metric without a name or a help text", context->owner);
    }
    return m;
}

static int change(struct metric *m, enum metric_change how, uint64_t time, double value, int count, char **labels)
{
    int rc;

    (void) check(m->context);
    rc = metric_write(m, how, time, value, count, (const char *const *) labels);
    if (rc != 0) {
        log_error("[cmetrics] %s: %s not changed by %g with %d labels", m->context->owner, m->name, value, count);
    }
    return rc;
}

static int destroy(struct metric *m)
{
    (void) check(m->context);
    metric_destroy(m);
    return 0;
}

static int read_value(struct metric *m, int count, char **labels, double *value)
{
    (void) check(m->context);
    return metric_read(m, count, (const char *const *) labels, value);
}

METRICS struct metric *cmt_counter_create(struct cmt *cmt, char *ns, char *subsystem, char *name, char *help, int count,
                                          char **keys)
{
    return create(cmt, METRIC_COUNTER, (const char *const[]) {ns, subsystem, name}, help, count, keys);
}

METRICS int cmt_counter_destroy(struct metric *m) { return destroy(m); }

METRICS void cmt_counter_allow_reset(struct metric *m) { m->resettable = true; }

METRICS int cmt_counter_inc(struct metric *m, uint64_t time, int count, char **labels)
{
    return change(m, METRIC_ADD, time, 1, count, labels);
}

METRICS int cmt_counter_add(struct metric *m, uint64_t time, double value, int count, char **labels)
{
    return change(m, METRIC_ADD, time, value, count, labels);
}

METRICS int cmt_counter_set(struct metric *m, uint64_t time, double value, int count, char **labels)
{
    return change(m, METRIC_SET, time, value, count, labels);
}

METRICS int cmt_counter_get_val(struct metric *m, int count, char **labels, double *value)
{
    return read_value(m, count, labels, value);
}

METRICS struct metric *cmt_gauge_create(struct cmt *cmt, char *ns, char *subsystem, char *name, char *help, int count,
                                        char **keys)
{
    return create(cmt, METRIC_GAUGE, (const char *const[]) {ns, subsystem, name}, help, count, keys);
}

METRICS int cmt_gauge_destroy(struct metric *m) { return destroy(m); }

METRICS int cmt_gauge_set(struct metric *m, uint64_t time, double value, int count, char **labels)
{
    return change(m, METRIC_SET, time, value, count, labels);
}

METRICS int cmt_gauge_inc(struct metric *m, uint64_t time, int count, char **labels)
{
    return change(m, METRIC_ADD, time, 1, count, labels);
}

METRICS int cmt_gauge_dec(struct metric *m, uint64_t time, int count, char **labels)
{
    return change(m, METRIC_ADD, time, -1, count, labels);
}

METRICS int cmt_gauge_add(struct metric *m, uint64_t time, double value, int count, char **labels)
{
    return change(m, METRIC_ADD, time, value, count, labels);
}

METRICS int cmt_gauge_sub(struct metric *m, uint64_t time, double value, int count, char **labels)
{
    return change(m, METRIC_ADD, time, -value, count, labels);
}

METRICS int cmt_gauge_get_val(struct metric *m, int count, char **labels, double *value)
{
    return read_value(m, count, labels, value);
}

/* A plugin may read both fields, so the layout is the engine's. */
struct cmt_histogram_buckets {
    size_t count;
    double *upper_bounds;
};

METRICS struct cmt_histogram_buckets *cmt_histogram_buckets_create_size(double *bounds, size_t count)
{
    struct cmt_histogram_buckets *b;

    if (count == 0) {
        return NULL;
    }
    b = must(calloc(1, sizeof *b));
    b->count = count;
    b->upper_bounds = must(calloc(count + 1, sizeof *bounds));
    if (bounds != NULL) {
        memcpy(b->upper_bounds, bounds, count * sizeof *bounds);
    }
    return b;
}

METRICS struct cmt_histogram_buckets *cmt_histogram_buckets_create(size_t count, ...)
{
    struct cmt_histogram_buckets *b = cmt_histogram_buckets_create_size(NULL, count);
    va_list bounds;

    va_start(bounds, count);
    for (size_t i = 0; b != NULL && i < count; i++) {
        b->upper_bounds[i] = va_arg(bounds, double);
    }
    va_end(bounds);
    return b;
}

METRICS void cmt_histogram_buckets_destroy(struct cmt_histogram_buckets *b)
{
    if (b != NULL) {
        free(b->upper_bounds);
        free(b);
    }
}

/* The histogram owns its buckets from here on; as they are copied, that is their end. NULL asks for the usual ones. */
METRICS struct metric *cmt_histogram_create(struct cmt *cmt, char *ns, char *subsystem, char *name, char *help,
                                            struct cmt_histogram_buckets *buckets, int count, char **keys)
{
    static const double usual[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    struct metric *m = create(cmt, METRIC_HISTOGRAM, (const char *const[]) {ns, subsystem, name}, help, count, keys);

    if (m != NULL) {
        metric_set_bounds(m, buckets != NULL ? buckets->upper_bounds : usual,
                          buckets != NULL ? buckets->count : sizeof usual / sizeof *usual);
        cmt_histogram_buckets_destroy(buckets);
    }
    return m;
}

METRICS int cmt_histogram_destroy(struct metric *m) { return destroy(m); }

METRICS int cmt_histogram_observe(struct metric *m, uint64_t time, double value, int count, char **labels)
{
    (void) check(m->context);
    return metric_observe(m, time, value, count, (const char *const *) labels);
}

METRICS int cmt_histogram_set_default(struct metric *m, uint64_t time, uint64_t *counts, double sum, uint64_t total, int count,
                                      char **labels)
{
    (void) check(m->context);
    return metric_set_histogram(m, time, counts, sum, total, count, (const char *const *) labels);
}

/* A string with its length in front; plugins hold the address of its bytes. */
struct cfl_sds {
    uint64_t len, room;
    char bytes[];
};

static struct cfl_sds *head(char *bytes) { return (struct cfl_sds *) (bytes - sizeof(struct cfl_sds)); }

METRICS size_t cfl_sds_len(char *bytes) { return head(bytes)->len; }

METRICS void cfl_sds_destroy(char *bytes)
{
    if (bytes != NULL) {
        free(head(bytes));
    }
}

METRICS char *cmt_encode_text_create(struct cmt *cmt)
{
    struct buffer text = {0};
    struct cfl_sds *s;

    metric_text(check(cmt), &text);
    s = must(malloc(sizeof *s + text.len + 1));
    s->len = s->room = text.len;
    memcpy(s->bytes, text.data != NULL ? text.data : (const uint8_t *) "", text.len);
    s->bytes[text.len] = '\0';
    buffer_free(&text);
    return s->bytes;
}

METRICS void cmt_encode_text_destroy(char *bytes) { cfl_sds_destroy(bytes); }
