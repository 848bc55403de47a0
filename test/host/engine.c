/*
 * engine.c: the one loop that moves data, on a thread of its own, and the order in which things start and stop.
 *
 * Stop, as the engine does it: inputs are told to pause, waiting retries run at once, and once a second the engine looks whether
 * chunks are left; when none are, or at Grace, outputs exit in their order, then inputs in reverse. So an input lives longer than
 * the outputs, and what it appends in between is thrown away with the ring.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "event.h"
#include "host.h"
#include "log.h"

struct engine engine = {
    .flush = 1,
    .grace = 5,
    .backoff_base = 5,
    .backoff_cap = 2000,
    .inputs = TAILQ_HEAD_INITIALIZER(engine.inputs),
    .filters = STAILQ_HEAD_INITIALIZER(engine.filters),
    .outputs = STAILQ_HEAD_INITIALIZER(engine.outputs),
    .ready = TAILQ_HEAD_INITIALIZER(engine.ready),
    .waiting = TAILQ_HEAD_INITIALIZER(engine.waiting),
    .done = TAILQ_HEAD_INITIALIZER(engine.done),
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .wake = -1,
};

static volatile int signals; /* written by the handler, on any thread */
static struct timer flush_timer, ring_timer, stop_timer = {NEVER, SECOND};

/* Also called from a signal handler: only write(2). */
void engine_wake(void)
{
    uint64_t one = 1;
    int saved = errno;
    if (write(engine.wake, &one, sizeof one) < 0) {
        errno = saved; /* the counter is full, so the engine is awake */
    }
}

void engine_stop_signal(int signal)
{
    if (__atomic_fetch_add(&signals, 1, __ATOMIC_SEQ_CST) > 0) {
        _exit(128 + signal);
    }
    engine_wake();
}

/* Inputs, filters, outputs, each in the order of the configuration. Returns -1 at the first that does not start. */
int engine_start(void)
{
    struct input *in;
    struct filter *f;
    struct output *out;

    engine.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    event_loop_start();
    context_start();
    TAILQ_FOREACH(in, &engine.inputs, next) {
        in->base.level = in->base.level < 0 ? log_level : in->base.level;
        if (input_start(in) != 0) {
            log_error("[engine] input %s did not start", instance_name(&in->base));
            return -1;
        }
    }
    STAILQ_FOREACH(f, &engine.filters, next) {
        if (instance_check(&f->base) != 0 || f->base.plugin->builtin->init(f) != 0) {
            log_error("[engine] filter %s did not start", instance_name(&f->base));
            return -1;
        }
    }
    STAILQ_FOREACH(out, &engine.outputs, next) {
        out->base.level = out->base.level < 0 ? log_level : out->base.level;
        if (output_start(out) != 0) {
            log_error("[engine] output %s did not start", instance_name(&out->base));
            return -1;
        }
    }
    STAILQ_FOREACH(out, &engine.outputs, next) {
        if (out->base.plugin->builtin == NULL) {
            plugin_call_int(out->base.plugin, "FLBPluginOutputPreRun", 0);
        }
    }
    /* One input and one output belong together even without a Match. */
    in = TAILQ_FIRST(&engine.inputs);
    out = STAILQ_FIRST(&engine.outputs);
    if (in != NULL && out != NULL && TAILQ_NEXT(in, next) == NULL && STAILQ_NEXT(out, next) == NULL &&
        out->base.match == NULL) {
        out->base.match = must(strdup("*"));
    }
    return http_server_start();
}

static void pause_inputs(void)
{
    struct input *in;
    TAILQ_FOREACH(in, &engine.inputs, next) {
        if (!in->paused) { /* who is paused over his limit is not told a second time */
            input_send(in, MAIL_PAUSE);
            metrics_set(&in->base, INPUT_PAUSED, 1);
        }
    }
}

static void flush_all(void)
{
    struct input *in;
    TAILQ_FOREACH(in, &engine.inputs, next) {
        task_create_all(in);
    }
}

static void begin_stop(uint64_t now)
{
    log_warn("[engine] stopping within %d seconds, inputs are paused", engine.grace);
    engine.ingesting = false;
    engine.stopping = true;
    context_stop_ingestion();
    task_retry_now();
    pause_inputs();
    timer_start(&stop_timer, now, SECOND);
}

static unsigned chunks_left(void)
{
    struct input *in;
    struct chunk *c;
    unsigned n = 0;

    TAILQ_FOREACH(in, &engine.inputs, next) {
        TAILQ_FOREACH(c, &in->chunks, next) {
            n++;
        }
    }
    return n;
}

static void run_inputs(uint64_t now)
{
    struct input *in;
    bool collect = timer_fired(&ring_timer, now);

    TAILQ_FOREACH(in, &engine.inputs, next) {
        const struct builtin *b = in->base.plugin->builtin;
        if (b != NULL && engine.ingesting && !in->paused) {
            b->tick(in, now);
        } else if (b == NULL && (collect || ring_urgent(&in->ring))) {
            chunk_collect(in);
        }
    }
}

static void finish_tasks(void)
{
    struct task *task;

    do {
        pthread_mutex_lock(&engine.lock);
        if ((task = TAILQ_FIRST(&engine.done)) != NULL) {
            TAILQ_REMOVE(&engine.done, task, next);
        }
        pthread_mutex_unlock(&engine.lock);
        if (task != NULL) {
            task_finish(task);
        }
    } while (task != NULL);
}

/* Sleeps until the next timer or a wake-up; not at all while a flush is ready for this thread. */
static void wait_for_event(uint64_t now)
{
    uint64_t due = ring_timer.due < flush_timer.due ? ring_timer.due : flush_timer.due, retry = task_next_due(), drained;

    due = retry < due ? retry : due;
    due = stop_timer.due < due ? stop_timer.due : due;
    event_wait(engine.wake, TAILQ_EMPTY(&engine.ready) && due > now ? (int) ((due - now) / 1000000) + 1 : 0);
    /* Empty is as good as read: only the wake-up counts. */
    if (read(engine.wake, &drained, sizeof drained) < 0 && errno != EAGAIN && errno != EINTR) {
        abort();
    }
}

/* Also ends what engine_start left half-way. */
void engine_exit(void)
{
    struct output *out;
    struct input *in;
    struct filter *f;

    context_shutdown();
    http_server_stop();
    pause_inputs();
    STAILQ_FOREACH(f, &engine.filters, next) {
        f->base.plugin->builtin->exit(f);
    }
    STAILQ_FOREACH(out, &engine.outputs, next) {
        output_exit(out);
    }
    finish_tasks(); /* the workers' last answers still count */
    TAILQ_FOREACH_REVERSE(in, &engine.inputs, input_list, next) {
        input_exit(in);
    }
    coroutine_abandon();
}

/* Runs until a signal stopped it and nothing is left to deliver, or Grace is over. */
void engine_run(void)
{
    struct input *in;
    struct task *task;
    uint64_t now = clock_now();
    int waited = 0;

    engine.ingesting = true;
    timer_start(&flush_timer, now, (uint64_t) (engine.flush * (double) SECOND));
    timer_start(&ring_timer, now, SECOND / 4);
    TAILQ_FOREACH(in, &engine.inputs, next) {
        input_send(in, MAIL_START);
    }
    for (;;) {
        now = clock_now();
        if (signals > 0 && !engine.stopping) {
            begin_stop(now);
        }
        run_inputs(now);
        finish_tasks();
        metrics_write_asked();
        task_run_due(now);
        if (timer_fired(&flush_timer, now)) {
            flush_all();
        }
        if (timer_fired(&stop_timer, now)) {
            if (chunks_left() == 0 || (++waited >= engine.grace && engine.grace >= 0)) {
                break;
            }
            log_info("[engine] chunks left: %u, waited %d of %d seconds", chunks_left(), waited, engine.grace);
            flush_all();
        }
        if ((task = TAILQ_FIRST(&engine.ready)) != NULL) {
            TAILQ_REMOVE(&engine.ready, task, next);
            output_flush(task);
        }
        wait_for_event(now);
    }
    log_info("[engine] stopped with %u chunks left", chunks_left());
}
