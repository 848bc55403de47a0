/*
 * metric_text.c: metrics as text. A plugin gets `time name{key="value"} = number` per series; Prometheus gets its own format,
 * with the series of all instances under one heading, as Fluent Bit's /api/v2/metrics/prometheus has them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "metric.h"

/* Types in the order in which the engine writes them. */
static const char *const types[] = {[METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge", [METRIC_HISTOGRAM] = "histogram"};
enum { TYPES = sizeof types / sizeof *types };

/* Appends what fits a number and a little around it; names go through buffer_text. */
__attribute__((format(printf, 2, 3))) static void print(struct buffer *out, const char *format, ...)
{
    char text[128];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buffer_text(out, text);
}

static void time_text(struct buffer *out, uint64_t time)
{
    const time_t seconds = (time_t) (time / 1000000000);
    char text[32];
    struct tm utc;

    gmtime_r(&seconds, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    print(out, "%s.%09uZ ", text, (unsigned) (time % 1000000000));
}

static void escaped(struct buffer *out, const char *text, bool quotes)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            buffer_text(out, "\\n");
            continue;
        }
        if (*text == '\\' || (quotes && *text == '"')) {
            buffer_text(out, "\\");
        }
        buffer_append(out, text, 1);
    }
}

/* `{first,key="value"}`; first may be empty, and nothing at all is written without it and without keys. */
static void labels(struct buffer *out, const struct metric *m, const struct series *s, const char *first, bool escape)
{
    const char *before = "{";

    if (first[0] != '\0') {
        buffer_text(out, before);
        buffer_text(out, first);
        before = ",";
    }
    for (int i = 0; i < m->key_count; i++) {
        buffer_text(out, before);
        buffer_text(out, m->keys[i]);
        buffer_text(out, "=\"");
        if (escape) {
            escaped(out, s->labels[i], true);
        } else {
            buffer_text(out, s->labels[i]); /* the engine does not escape here either */
        }
        buffer_text(out, "\"");
        before = ",";
    }
    buffer_text(out, before[0] == ',' ? "}" : "");
}

static void histogram_value(struct buffer *out, const struct metric *m, const struct series *s)
{
    buffer_text(out, " = { buckets = { ");
    for (size_t i = 0; i < m->bound_count; i++) {
        print(out, "%g=%llu, ", m->bounds[i], (unsigned long long) s->buckets[i]);
    }
    print(out, "+Inf=%llu }, sum=%g, count=%llu }\n", (unsigned long long) s->buckets[m->bound_count], s->value,
          (unsigned long long) s->count);
}

void metric_text(const struct cmt *context, struct buffer *out)
{
    const struct metric *m;
    const struct series *s;

    metric_lock();
    for (int type = 0; type < TYPES; type++) {
        TAILQ_FOREACH(m, &context->metrics, next) {
            if ((int) m->type != type) {
                continue;
            }
            STAILQ_FOREACH(s, &m->series, next) {
                time_text(out, s->time);
                buffer_text(out, m->name);
                labels(out, m, s, "", false);
                if (type == METRIC_HISTOGRAM) {
                    histogram_value(out, m, s);
                } else {
                    print(out, " = %.17g\n", s->value);
                }
            }
        }
    }
    metric_unlock();
}

static void heading(struct buffer *out, const struct metric *m)
{
    buffer_text(out, "# HELP ");
    buffer_text(out, m->name);
    buffer_text(out, " ");
    escaped(out, m->help, false);
    buffer_text(out, "\n# TYPE ");
    buffer_text(out, m->name);
    buffer_text(out, " ");
    buffer_text(out, types[m->type]);
    buffer_text(out, "\n");
}

static void sample(struct buffer *out, const struct metric *m, const struct series *s, const char *suffix, const char *first,
                   double value)
{
    buffer_text(out, m->name);
    buffer_text(out, suffix);
    labels(out, m, s, first, true);
    print(out, " %.17g\n", value);
}

static void histogram_samples(struct buffer *out, const struct metric *m, const struct series *s)
{
    char bound[40], label[64];

    for (size_t i = 0; i < m->bound_count; i++) {
        snprintf(bound, sizeof bound, "%g", m->bounds[i]);
        snprintf(label, sizeof label, "le=\"%s%s\"", bound, strpbrk(bound, ".e") == NULL ? ".0" : "");
        sample(out, m, s, "_bucket", label, (double) s->buckets[i]);
    }
    sample(out, m, s, "_bucket", "le=\"+Inf\"", (double) s->buckets[m->bound_count]);
    sample(out, m, s, "_sum", "", s->value);
    sample(out, m, s, "_count", "", (double) s->count);
}

/* The metric of a name and type, in the contexts from `c` on. */
static const struct metric *find_from(const struct cmt *c, const struct metric *wanted)
{
    const struct metric *m;

    for (; c != NULL; c = STAILQ_NEXT(c, next)) {
        TAILQ_FOREACH(m, &c->metrics, next) {
            if (m->type == wanted->type && strcmp(m->name, wanted->name) == 0) {
                return m;
            }
        }
    }
    return NULL;
}

static void samples(struct buffer *out, const struct metric *m)
{
    const struct series *s;

    STAILQ_FOREACH(s, &m->series, next) {
        if (m->type == METRIC_HISTOGRAM) {
            histogram_samples(out, m, s);
        } else {
            sample(out, m, s, "", "", s->value);
        }
    }
}

/* One heading and its samples, from every context that has such a metric. */
static void family(struct buffer *out, const struct metric *first)
{
    const struct metric *m;

    heading(out, first);
    for (m = first; m != NULL; m = find_from(STAILQ_NEXT(m->context, next), first)) {
        samples(out, m);
    }
}

void metric_exposition(struct buffer *out)
{
    const struct cmt *c;
    const struct metric *m;

    metric_lock();
    for (int type = 0; type < TYPES; type++) {
        STAILQ_FOREACH(c, &metric_contexts, next) {
            TAILQ_FOREACH(m, &c->metrics, next) {
                if ((int) m->type == type && find_from(STAILQ_FIRST(&metric_contexts), m) == m) {
                    family(out, m);
                }
            }
        }
    }
    metric_unlock();
}
