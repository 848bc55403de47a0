/*
 * metric.h: counters, gauges and histograms, kept per instance in a context, as the engine keeps them in cmetrics.
 *
 * Everything here takes one lock: the engine counts on its thread, plugins on any. Contexts live until the process ends, but one
 * that was closed belongs to an instance that is gone, and a plugin that still uses it ends the process (cmetrics.c).
 */
#ifndef TESTHOST_METRIC_H
#define TESTHOST_METRIC_H

#include <stdbool.h>
#include <sys/queue.h>

#include "buffer.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* One combination of label values. */
struct series {
    char **labels;
    uint64_t time; /* nanoseconds since 1970, as the last writer gave it */
    double value;  /* of a histogram: the sum */
    uint64_t *buckets, count;
    STAILQ_ENTRY(series) next;
};

/* One name with its label keys. */
struct metric {
    struct cmt *context;
    enum metric_type type;
    char *name, *help;
    char **keys;
    int key_count;
    bool resettable;
    double *bounds; /* of a histogram, without +Inf */
    size_t bound_count;
    STAILQ_HEAD(, series) series;
    TAILQ_ENTRY(metric) next;
};

/* The metrics of one instance. Plugins know only this name of it. */
struct cmt {
    const char *owner;
    bool closed;
    TAILQ_HEAD(, metric) metrics;
    STAILQ_ENTRY(cmt) next;
};

/* owner is for messages and must live as long. */
struct cmt *metric_context(const char *owner);
void metric_close(struct cmt *context);
bool metric_closed(const struct cmt *context);

/* The name is ns_subsystem_name without empty parts. A metric without keys has its one series from the start. NULL: no name. */
struct metric *metric_create(struct cmt *context, enum metric_type type, const char *const name[3], const char *help,
                             int key_count, const char *const *keys);
void metric_set_bounds(struct metric *m, const double *bounds, size_t count);
void metric_destroy(struct metric *m);

/* Both return -1 when the number of labels is wrong, and when a counter would go down. */
enum metric_change { METRIC_ADD, METRIC_SET };
int metric_write(struct metric *m, enum metric_change change, uint64_t time, double value, int count,
                 const char *const *labels);
int metric_observe(struct metric *m, uint64_t time, double value, int count, const char *const *labels);
/* Replaces all of a series: counts has one more than the bounds, each with what is below it. */
int metric_set_histogram(struct metric *m, uint64_t time, const uint64_t *counts, double sum, uint64_t total, int count,
                         const char *const *labels);
/* Returns -1 when nothing was written under these labels. */
int metric_read(struct metric *m, int count, const char *const *labels, double *value);

/* metric_text.c: one context in the form of cmt_encode_text_create, and all contexts in Prometheus' exposition format. */
void metric_text(const struct cmt *context, struct buffer *out);
void metric_exposition(struct buffer *out);

/* For metric_text.c: the contexts in the order of their making, and the lock to hold. */
STAILQ_HEAD(contexts, cmt);
extern struct contexts metric_contexts;
void metric_lock(void);
void metric_unlock(void);

#endif
