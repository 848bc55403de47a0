/*
 * The agent's own metrics, by its cmetrics library (include/cmetrics), whose
 * functions it exports. Their signatures are the same since 2.0.
 */
#ifndef TIDEGATE_HOST_METRICS_H
#define TIDEGATE_HOST_METRICS_H

#include <stdint.h>

/* One family: what a create function of the host gave. */
typedef void *tidegate_family;

/* tidegate_metrics_find looks the host's functions up; 0 where one is missing. */
int tidegate_metrics_find(void);

void *tidegate_metrics_of(void *get_fn, void *instance);

/* name is split as the host wants it: namespace_name. NULL after an error. */
tidegate_family tidegate_counter(void *cmt, char *space, char *name, char *help, int labels, char **keys);
tidegate_family tidegate_gauge(void *cmt, char *space, char *name, char *help, int labels, char **keys);
tidegate_family tidegate_histogram(void *cmt, char *space, char *name, char *help, int labels, char **keys,
                                   double *bounds, size_t count);

/* tidegate_counts reads n of the agent's own counters of an instance, -1 for one that it does not have. 0 after an error. */
int tidegate_counts(void *cmt, int n, const char **families, long long *values);

void tidegate_counter_set(tidegate_family f, uint64_t ns, double v, int labels, char **values);
void tidegate_gauge_set(tidegate_family f, uint64_t ns, double v, int labels, char **values);
void tidegate_histogram_set(tidegate_family f, uint64_t ns, uint64_t *counts, double sum, uint64_t count,
                            int labels, char **values);

#endif
