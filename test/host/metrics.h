/* metrics.h: what the engine itself counts per instance, under Fluent Bit's names, and the file that shows it. */
#ifndef TESTHOST_METRICS_H
#define TESTHOST_METRICS_H

enum engine_metric {
    INPUT_RECORDS,
    INPUT_BYTES,
    INPUT_RING_WRITES,
    INPUT_RING_RETRIES,
    INPUT_RING_FAILURES,
    INPUT_PAUSED, /* a gauge: 1 or 0 */
    FILTER_RECORDS,
    FILTER_BYTES,
    FILTER_ADDED_RECORDS,
    FILTER_DROPPED_RECORDS,
    FILTER_DROPPED_BYTES,
    OUTPUT_RECORDS,
    OUTPUT_BYTES,
    OUTPUT_ERRORS,
    OUTPUT_RETRIES,
    OUTPUT_RETRIES_FAILED,
    OUTPUT_DROPPED_RECORDS,
    OUTPUT_RETRIED_RECORDS,
    OUTPUT_LATENCY, /* a histogram */
    ENGINE_METRICS
};

struct instance;

/* Gives an instance its context with the metrics of its kind, all at zero. Its name must be final. */
void metrics_create(struct instance *ins, int kind);
void metrics_add(const struct instance *ins, enum engine_metric which, double value);
void metrics_set(const struct instance *ins, enum engine_metric which, double value);
void metrics_latency(const struct instance *output, const struct instance *input, double seconds);

/* Where to write the exposition text; without a path nothing is ever written. SIGUSR1 asks for it in between. */
void metrics_file(const char *path);
void metrics_ask(int signal);
void metrics_write_asked(void);
void metrics_write(void);

#endif
