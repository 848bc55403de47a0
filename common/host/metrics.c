#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "metrics.h"

static char no_subsystem[] = "";

static struct {
    void *(*counter_create)(void *, char *, char *, char *, char *, int, char **);
    int (*counter_set)(void *, uint64_t, double, int, char **);
    void *(*gauge_create)(void *, char *, char *, char *, char *, int, char **);
    int (*gauge_set)(void *, uint64_t, double, int, char **);
    void *(*buckets_create)(double *, size_t);
    void *(*histogram_create)(void *, char *, char *, char *, char *, void *, int, char **);
    int (*histogram_set)(void *, uint64_t, uint64_t *, double, uint64_t, int, char **);
    char *(*text_create)(void *);
    void (*text_destroy)(char *);
} cmt;

static int find(void *slot, const char *name)
{
    *(void **)slot = dlsym(RTLD_DEFAULT, name);
    return *(void **)slot != NULL;
}

int tidegate_metrics_find(void)
{
    return find(&cmt.counter_create, "cmt_counter_create") && find(&cmt.counter_set, "cmt_counter_set") &&
           find(&cmt.gauge_create, "cmt_gauge_create") && find(&cmt.gauge_set, "cmt_gauge_set") &&
           find(&cmt.buckets_create, "cmt_histogram_buckets_create_size") &&
           find(&cmt.histogram_create, "cmt_histogram_create") &&
           find(&cmt.histogram_set, "cmt_histogram_set_default") &&
           find(&cmt.text_create, "cmt_encode_text_create") && find(&cmt.text_destroy, "cmt_encode_text_destroy");
}

void *tidegate_metrics_of(void *get_fn, void *instance)
{
    return ((void *(*)(void *))get_fn)(instance);
}

tidegate_family tidegate_counter(void *ctx, char *space, char *name, char *help, int labels, char **keys)
{
    return cmt.counter_create(ctx, space, no_subsystem, name, help, labels, keys);
}

tidegate_family tidegate_gauge(void *ctx, char *space, char *name, char *help, int labels, char **keys)
{
    return cmt.gauge_create(ctx, space, no_subsystem, name, help, labels, keys);
}

tidegate_family tidegate_histogram(void *ctx, char *space, char *name, char *help, int labels, char **keys,
                                   double *bounds, size_t count)
{
    void *buckets = cmt.buckets_create(bounds, count);

    /* The histogram owns its buckets, also when its creation fails late. */
    return buckets == NULL ? NULL : cmt.histogram_create(ctx, space, no_subsystem, name, help, buckets, labels, keys);
}

/* The value of a line `family{labels} = value`, -1 if there is none. */
static long long value_of(const char *text, const char *family)
{
    const char *at = strstr(text, family), *end, *sign = NULL;

    while (at != NULL && at[strlen(family)] != '{') {
        at = strstr(at + 1, family);
    }
    if (at == NULL) {
        return -1;
    }
    end = at + strcspn(at, "\n");
    for (; at < end; at++) {
        if (*at == '=') {
            sign = at; /* the last: a name in the labels may hold one too */
        }
    }
    return sign != NULL ? (long long)strtod(sign + 1, NULL) : -1;
}

/* The counters themselves are out of reach, their text is not. */
int tidegate_counts(void *ctx, int n, const char **families, long long *values)
{
    char *text = cmt.text_create(ctx);

    if (text == NULL) {
        return 0;
    }
    for (int i = 0; i < n; i++) {
        values[i] = value_of(text, families[i]);
    }
    cmt.text_destroy(text);
    return 1;
}

void tidegate_counter_set(tidegate_family f, uint64_t ns, double v, int labels, char **values)
{
    cmt.counter_set(f, ns, v, labels, values);
}

void tidegate_gauge_set(tidegate_family f, uint64_t ns, double v, int labels, char **values)
{
    cmt.gauge_set(f, ns, v, labels, values);
}

void tidegate_histogram_set(tidegate_family f, uint64_t ns, uint64_t *counts, double sum, uint64_t count,
                            int labels, char **values)
{
    cmt.histogram_set(f, ns, counts, sum, count, labels, values);
}
