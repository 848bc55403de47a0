/*
 * probe_metrics.h: the probe's use of the host's metrics. Options: counter (a name: each collect and flush adds 1 under the
 * labels name and kind, and observes it in a histogram of that name), encode (a file that gets the text of the instance's
 * context, whole, at each collect and flush), late (true: the counter is used once more when the instance is gone).
 */
#include <stdint.h>

typedef void *(*create_fn)(void *, char *, char *, char *, char *, int, char **);
typedef void *(*create_histogram_fn)(void *, char *, char *, char *, char *, void *, int, char **);
typedef int (*add_fn)(void *, uint64_t, double, int, char **);
typedef char *(*encode_fn)(void *);
typedef void (*free_fn)(char *);

struct probe_metrics {
    void *context, *counter, *histogram, *gauge;
    const char *encode;
    char *labels[2];
};

static struct probe_metrics *last_metrics; /* of an instance that asked for `late` */

static void *host_symbol(const char *name) { return dlsym(RTLD_DEFAULT, name); }

/* Returns what went wrong, for the trace. */
static const char *metrics_start(struct probe_metrics *m, void *context, const char *counter, const char *encode, char *name)
{
    create_fn create_counter = (create_fn) host_symbol("cmt_counter_create");
    create_fn create_gauge = (create_fn) host_symbol("cmt_gauge_create");
    create_histogram_fn create_histogram = (create_histogram_fn) host_symbol("cmt_histogram_create");
    char *keys[] = {(char *) "name", (char *) "kind"}, total[64];

    m->context = context;
    m->encode = encode;
    m->labels[0] = name;
    m->labels[1] = (char *) "a \"b\"";
    if (context == NULL || create_counter == NULL || create_gauge == NULL || create_histogram == NULL) {
        return context == NULL ? "no-context" : "no-symbols";
    }
    snprintf(total, sizeof total, "%s_total", counter);
    m->counter = create_counter(context, (char *) "fluentbit", (char *) "probe", total, (char *) "help", 2, keys);
    snprintf(total, sizeof total, "%s_last", counter);
    m->gauge = create_gauge(context, (char *) "fluentbit", (char *) "", total, (char *) "help", 0, NULL);
    m->histogram = create_histogram(context, (char *) "fluentbit", (char *) "probe", (char *) counter, (char *) "help", NULL, 2,
                                    keys);
    return m->counter != NULL && m->gauge != NULL && m->histogram != NULL ? "ready" : "failed";
}

static void metrics_encode(struct probe_metrics *m)
{
    encode_fn create = (encode_fn) host_symbol("cmt_encode_text_create");
    free_fn destroy = (free_fn) host_symbol("cmt_encode_text_destroy");
    size_t (*len)(char *) = (size_t (*)(char *)) host_symbol("cfl_sds_len");
    char beside[4096], *text;
    FILE *f;

    snprintf(beside, sizeof beside, "%s.new", m->encode);
    text = create(m->context);
    if ((f = fopen(beside, "w")) != NULL) {
        fwrite(text, 1, len(text), f);
        fclose(f);
        rename(beside, m->encode);
    }
    destroy(text);
}

static void metrics_step(struct probe_metrics *m)
{
    if (m->counter != NULL) {
        ((add_fn) host_symbol("cmt_counter_add"))(m->counter, 1000000001, 1, 2, m->labels);
        ((add_fn) host_symbol("cmt_gauge_set"))(m->gauge, 1000000001, 0.5, 0, NULL);
        ((add_fn) host_symbol("cmt_histogram_observe"))(m->histogram, 1000000001, 0.3, 2, m->labels);
    }
    if (m->encode != NULL && m->context != NULL) {
        metrics_encode(m);
    }
}
