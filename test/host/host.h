/*
 * host.h: what the engine is made of. Plugins register, instances come from the configuration, inputs fill chunks, tasks carry
 * a chunk to one output.
 *
 * Ownership: the engine thread owns every list and counter here. Other threads touch only a struct ring, an input's mailbox, an
 * output's queue and engine.done, each under its own lock.
 */
#ifndef TESTHOST_HOST_H
#define TESTHOST_HOST_H

#include <pthread.h>
#include <stdbool.h>

#include "abi.h"
#include "buffer.h"
#include "clock.h"
#include "conf.h"
#include "metrics.h"

/* Exported to plugins; everything else stays hidden, so that none of our names can shadow one of theirs. */
#define EXPORT __attribute__((visibility("default")))

/* make SUSPEND=0 builds a host whose flushes cannot leave their thread. */
#ifdef WITHOUT_SUSPENDING
#define SUSPENDING extern __attribute__((visibility("hidden")))
#else
#define SUSPENDING extern EXPORT
#endif

/* As the engine's own: a chunk takes no more once it passed CHUNK_MAX; the ring wakes the engine when 5 % of it are used. */
enum { RING_SLOTS = 1024, RING_WAKE = RING_SLOTS * 5 / 100, CHUNK_MAX = 2048000, STACK_BYTES = 24 * 1024 };

enum kind { KIND_INPUT, KIND_FILTER, KIND_OUTPUT };

struct input;
struct output;
struct filter;
struct chunk;

/* A plugin of this program. Which callbacks it has follows from its kind. */
struct builtin {
    enum kind kind;
    const char *name;
    const struct flb_config_map *options;
    int (*init)(void *instance);
    void (*tick)(struct input *, uint64_t now);
    int (*filter)(struct filter *, const uint8_t *data, size_t len, struct buffer *out);
    int (*flush)(struct output *, const struct chunk *);
    void (*exit)(void *instance);
};

extern const struct builtin dummy_input, tail_input, null_output, file_output, http_output;
extern const struct builtin grep_mod_filter, strip_metadata_filter;

struct plugin {
    enum kind kind;
    const char *name;
    const struct flb_config_map *options; /* NULL: anything goes */
    const struct builtin *builtin;        /* NULL: a shared object */
    void *dso;
    struct flb_plugin_proxy_def *def; /* an allocation of its own: its size tells a plugin which fields its host knows */
    /* One for all instances of a shared object, as in the real proxy: each init overwrites api, instance and context. */
    struct flbgo_input_plugin in;
    struct flbgo_output_plugin out;
    SLIST_ENTRY(plugin) next;
};

/* What inputs, filters and outputs share; always their first member. */
struct instance {
    struct plugin *plugin;
    int id;
    char name[128]; /* plugin.N */
    char *alias, *tag, *match;
    int level;
    struct properties properties;
    void *state; /* of a built-in plugin */
    struct cmt *metrics;
    struct metric *counters[ENGINE_METRICS]; /* those of its kind */
};

struct batch {
    char *tag; /* NULL: the input's own */
    uint8_t *data;
    size_t len, records;
};

/* Batches on their way from an input's thread to the engine. */
struct ring {
    pthread_mutex_t lock;
    struct batch *slots[RING_SLOTS];
    unsigned first, used;
};

struct message {
    int kind;
    STAILQ_ENTRY(message) next;
};

struct chunk {
    unsigned long id;
    struct input *input;
    char *tag;
    struct buffer data;
    size_t records;
    uint64_t begun;
    uint64_t routes; /* a bit per output that it is for */
    int tasks;       /* outputs that still need it; busy while above zero */
    TAILQ_ENTRY(chunk) next;
};

TAILQ_HEAD(chunks, chunk);

struct input {
    struct instance base;
    struct flb_plugin_input_proxy_context context;
    size_t mem_buf_limit; /* 0: none */
    size_t chunk_bytes;
    bool paused;     /* by mem_buf_limit */
    bool filesystem; /* its chunks count for storage.total_limit_size */
    struct chunks chunks;
    struct ring ring;
    pthread_t thread;
    pthread_mutex_t lock; /* guards mailbox and state */
    pthread_cond_t mail;
    STAILQ_HEAD(, message) mailbox;
    enum { STATE_STARTING, STATE_RUNNING, STATE_FAILED } state;
    bool threaded;
    struct {
        unsigned long long appends, refused, records, bytes, filtered, unrouted, unplaced, pauses, thrown_batches, thrown_records;
    } count;
    TAILQ_ENTRY(input) next;
};

struct filter {
    struct instance base;
    unsigned long long seen, dropped;
    STAILQ_ENTRY(filter) next;
};

enum { RETRY_UNLIMITED = -1, RETRY_NONE = 0 };

/* A chunk on its way to one output. */
struct task {
    struct chunk *chunk;
    struct output *output;
    int retries;
    int answer;
    uint64_t due; /* of a retry */
    TAILQ_ENTRY(task) next;
};

TAILQ_HEAD(tasks, task);

struct worker {
    struct output *output;
    int id;
    pthread_t thread;
    pthread_mutex_t lock; /* guards queue and stop */
    pthread_cond_t work;
    struct tasks queue;
    bool stop;
};

struct output {
    struct instance base;
    struct flb_plugin_proxy_context context;
    int retry_limit, workers, turn;
    char *host, *port;    /* NULL: not set */
    size_t storage_limit; /* 0: none */
    struct worker *pool;
    bool failed; /* its init */
    struct {
        unsigned long long ok, retried, dropped, pending, chunks_ok, retries, retries_failed, errors;
    } count;
    STAILQ_ENTRY(output) next;
};

struct engine {
    double flush;
    int grace, backoff_base, backoff_cap;
    TAILQ_HEAD(input_list, input) inputs;
    STAILQ_HEAD(, filter) filters;
    STAILQ_HEAD(, output) outputs;
    struct tasks ready;   /* for outputs without workers */
    struct tasks waiting; /* for their retry */
    pthread_mutex_t lock; /* guards done */
    struct tasks done;
    bool ingesting, stopping;
    int wake; /* eventfd */
};

extern struct engine engine;

/* plugin.c */
struct plugin *plugin_find(enum kind kind, const char *name);
int plugin_load(const char *path);
int plugin_load_file(const char *path, const char *dir);
void plugin_unregister_all(void);
void plugin_call_int(struct plugin *plugin, const char *symbol, int argument);

/* instance.c */
int instance_create(const struct conf *conf, const struct section *section, enum kind kind);
const char *instance_name(const struct instance *instance);
int instance_check(const struct instance *instance);

/* property.c: 1 when the engine took the property for itself, 0 when it is the plugin's, -1 when it is wrong. */
int property_of_input(struct input *input, const char *key, const char *value);
int property_of_output(struct output *output, const char *key, const char *value);
int property_of_filter(struct filter *filter, const char *key, const char *value);
/* A size such as 512K in bytes, -1 when it is none. */
long long property_bytes(const char *value);

/* api.c */
extern struct flb_api host_api;

/* ring.c */
int ring_push(struct ring *ring, struct batch *batch);
struct batch *ring_pop(struct ring *ring);
bool ring_urgent(struct ring *ring);
void batch_free(struct batch *batch);

/* router.c: `*` in a match is any run of bytes. The routes of a tag are a bit per output, for OUTPUTS_MAX of them. */
enum { OUTPUTS_MAX = 64 };
bool router_match(const char *tag, const char *match);
uint64_t router_routes(const char *tag);
static inline uint64_t route_bit(const struct output *out) { return UINT64_C(1) << out->base.id; }

/* chunk.c */
void chunk_append(struct input *input, const char *tag, const void *data, size_t len, size_t records);
void chunk_collect(struct input *input);
void chunk_free(struct chunk *chunk);

/* storage.c: false when the outputs' limits have no room for so many bytes more in the chunk, whatever goes. */
bool storage_make_room(struct input *in, struct chunk *target, size_t len);

/* input.c */
enum { MAIL_NONE = -1, MAIL_START, MAIL_PAUSE, MAIL_RESUME, MAIL_EXIT };
int input_start(struct input *input);
void input_send(struct input *input, int kind);
void input_exit(struct input *input);

/* output.c: a flush hands its task to engine.done, at once or when it comes back from waiting. */
int output_start(struct output *output);
void output_dispatch(struct task *task);
void output_flush(struct task *task);
void output_exit(struct output *output);

/*
 * coroutine.c: runs call(argument) on a stack of STACK_BYTES with a guard page below, to its end or until it suspends itself.
 * Who lets a suspended one go on calls coroutine_reap, which frees what has ended.
 */
void coroutine_run(void (*call)(void *), void *argument);
void coroutine_reap(void);
/* At the end of the engine: what is suspended now never goes on. */
void coroutine_abandon(void);

/* task.c */
void task_create_all(struct input *input);
void task_finish(struct task *task);
void task_retry_now(void);
/* The task that waits to be tried again, NULL when there is none; and its end without another try. */
struct task *task_waiting(const struct chunk *chunk, const struct output *output);
void task_cancel(struct task *task);
uint64_t task_next_due(void);
void task_run_due(uint64_t now);
int task_backoff(int base, int cap, int retries);

/* engine.c */
int engine_start(void);
void engine_run(void);
void engine_exit(void);
void engine_wake(void);
void engine_stop_signal(int signal);

/* service.c: [SERVICE] and the plugins it names. */
int service_apply(const struct conf *conf);

/* context.c: what flb_context_get() shows of a start, of the begin of a stop, and of its end. */
void context_start(void);
void context_stop_ingestion(void);
void context_shutdown(void);

/* http_server.c: off unless an option of [SERVICE] turns it on. The option function tells whether the key is one of its. */
bool http_server_option(const char *key, const char *value);
int http_server_start(void);
void http_server_stop(void);

/* summary.c */
void summary_print(void);

#endif
