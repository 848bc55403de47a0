#define _GNU_SOURCE
#include "metrics.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "host.h"
#include "log.h"
#include "metric.h"

static const char *const subsystems[] = {[KIND_INPUT] = "input", [KIND_FILTER] = "filter", [KIND_OUTPUT] = "output"};

static const struct {
    int kind;
    enum metric_type type;
    const char *name, *help;
} rows[ENGINE_METRICS] = {
    [INPUT_RECORDS] = {KIND_INPUT, METRIC_COUNTER, "records_total", "Records taken, before filters."},
    [INPUT_BYTES] = {KIND_INPUT, METRIC_COUNTER, "bytes_total", "Bytes taken, before filters."},
    [INPUT_RING_WRITES] = {KIND_INPUT, METRIC_COUNTER, "ring_buffer_writes_total", "Batches put into the ring."},
    [INPUT_RING_RETRIES] = {KIND_INPUT, METRIC_COUNTER, "ring_buffer_retries_total", "Waits for a full ring."},
    [INPUT_RING_FAILURES] = {KIND_INPUT, METRIC_COUNTER, "ring_buffer_retry_failures_total", "Batches refused by a full ring."},
    [INPUT_PAUSED] = {KIND_INPUT, METRIC_GAUGE, "ingestion_paused", "1 while the input is paused."},
    [FILTER_RECORDS] = {KIND_FILTER, METRIC_COUNTER, "records_total", "Records seen."},
    [FILTER_BYTES] = {KIND_FILTER, METRIC_COUNTER, "bytes_total", "Bytes given back."},
    [FILTER_ADDED_RECORDS] = {KIND_FILTER, METRIC_COUNTER, "add_records_total", "Records added."},
    [FILTER_DROPPED_RECORDS] = {KIND_FILTER, METRIC_COUNTER, "drop_records_total", "Records removed."},
    [FILTER_DROPPED_BYTES] = {KIND_FILTER, METRIC_COUNTER, "drop_bytes_total", "Bytes removed."},
    [OUTPUT_RECORDS] = {KIND_OUTPUT, METRIC_COUNTER, "proc_records_total", "Records delivered."},
    [OUTPUT_BYTES] = {KIND_OUTPUT, METRIC_COUNTER, "proc_bytes_total", "Bytes delivered."},
    [OUTPUT_ERRORS] = {KIND_OUTPUT, METRIC_COUNTER, "errors_total", "Chunks answered with an error."},
    [OUTPUT_RETRIES] = {KIND_OUTPUT, METRIC_COUNTER, "retries_total", "Retries planned."},
    [OUTPUT_RETRIES_FAILED] = {KIND_OUTPUT, METRIC_COUNTER, "retries_failed_total", "Chunks given up after their last retry."},
    [OUTPUT_DROPPED_RECORDS] = {KIND_OUTPUT, METRIC_COUNTER, "dropped_records_total", "Records dropped."},
    [OUTPUT_RETRIED_RECORDS] = {KIND_OUTPUT, METRIC_COUNTER, "retried_records_total", "Records in planned retries."},
    [OUTPUT_LATENCY] = {KIND_OUTPUT, METRIC_HISTOGRAM, "latency_seconds", "Age of chunks when they were delivered."},
};

static const double latency_bounds[] = {0.5, 1, 1.5, 2.5, 5, 10, 20, 30};

static const char *file;          /* NULL: none */
static volatile int file_ordered; /* written by a signal handler */

static uint64_t wall_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t) t.tv_sec * SECOND + (uint64_t) t.tv_nsec;
}

void metrics_create(struct instance *ins, int kind)
{
    const char *label = instance_name(ins);

    ins->metrics = metric_context(label);
    for (int i = 0; i < ENGINE_METRICS; i++) {
        const char *const name[3] = {"fluentbit", subsystems[kind], rows[i].name};
        if (rows[i].kind != kind) {
            continue;
        }
        if (rows[i].type == METRIC_HISTOGRAM) {
            ins->counters[i] = metric_create(ins->metrics, rows[i].type, name, rows[i].help, 2,
                                             (const char *const[]) {"input", "output"});
            metric_set_bounds(ins->counters[i], latency_bounds, sizeof latency_bounds / sizeof *latency_bounds);
        } else {
            ins->counters[i] = metric_create(ins->metrics, rows[i].type, name, rows[i].help, 1, (const char *const[]) {"name"});
            metrics_add(ins, (enum engine_metric) i, 0);
        }
    }
}

static void write_value(const struct instance *ins, enum engine_metric which, enum metric_change change, double value)
{
    metric_write(ins->counters[which], change, wall_clock(), value, 1, (const char *const[]) {instance_name(ins)});
}

void metrics_add(const struct instance *ins, enum engine_metric which, double value)
{
    write_value(ins, which, METRIC_ADD, value);
}

void metrics_set(const struct instance *ins, enum engine_metric which, double value)
{
    write_value(ins, which, METRIC_SET, value);
}

void metrics_latency(const struct instance *output, const struct instance *input, double seconds)
{
    metric_observe(output->counters[OUTPUT_LATENCY], wall_clock(), seconds, 2,
                   (const char *const[]) {instance_name(input), instance_name(output)});
}

void metrics_file(const char *path) { file = path; }

void metrics_ask(int signal)
{
    (void) signal;
    file_ordered = 1;
    engine_wake();
}

void metrics_write_asked(void)
{
    if (file_ordered) {
        file_ordered = 0;
        metrics_write();
    }
}

/* Readers see the old text or the new, never half of one. */
void metrics_write(void)
{
    struct buffer text = {0};
    char beside[PATH_MAX];
    FILE *f;

    if (file == NULL) {
        return;
    }
    metric_exposition(&text);
    snprintf(beside, sizeof beside, "%s.new", file);
    f = fopen(beside, "w");
    if (f == NULL || fwrite(text.data, 1, text.len, f) != text.len || fclose(f) != 0 || rename(beside, file) != 0) {
        log_error("[metrics] writing %s: %s", file, strerror(errno));
    }
    buffer_free(&text);
}
