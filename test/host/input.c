/*
 * input.c: the thread of one input. It runs init, one collect a second, pause, resume and exit, and nothing else ever calls into
 * that instance. The engine talks to it by messages, which wait while a collect is running.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "host.h"
#include "log.h"
#include "metric.h"

extern int flb_input_log_append(void *ins, const char *tag, size_t tag_len, const void *buf, size_t len);

static void set_state(struct input *in, int state)
{
    pthread_mutex_lock(&in->lock);
    in->state = state;
    pthread_cond_broadcast(&in->mail);
    pthread_mutex_unlock(&in->lock);
}

/* A built-in input has no thread: the engine itself looks whether it is paused. */
void input_send(struct input *in, int kind)
{
    struct message *m;

    if (!in->threaded) {
        return;
    }
    m = must(calloc(1, sizeof *m));
    m->kind = kind;
    pthread_mutex_lock(&in->lock);
    STAILQ_INSERT_TAIL(&in->mailbox, m, next);
    pthread_cond_broadcast(&in->mail);
    pthread_mutex_unlock(&in->lock);
}

/* The next message, MAIL_NONE when none came until `due`. */
static int receive(struct input *in, uint64_t due)
{
    struct timespec until = {(time_t) (due / SECOND), (long) (due % SECOND)};
    struct message *m;
    int kind = MAIL_NONE;

    pthread_mutex_lock(&in->lock);
    while (STAILQ_EMPTY(&in->mailbox)) {
        if (due == NEVER) {
            pthread_cond_wait(&in->mail, &in->lock);
        } else if (pthread_cond_timedwait(&in->mail, &in->lock, &until) == ETIMEDOUT) {
            break;
        }
    }
    if ((m = STAILQ_FIRST(&in->mailbox)) != NULL) {
        STAILQ_REMOVE_HEAD(&in->mailbox, next);
        kind = m->kind;
        free(m);
    }
    pthread_mutex_unlock(&in->lock);
    return kind;
}

/* The result of appending the returned buffer is ignored, and an empty one is never cleaned up: both as in the engine. */
static void collect(struct input *in)
{
    struct flbgo_input_plugin *p = &in->base.plugin->in;
    void *data = NULL;
    size_t len = 0;
    int ret;

    ret = p->cb_collect_ctx != NULL ? p->cb_collect_ctx(in->context.remote_context, &data, &len)
                                    : p->cb_collect(&data, &len);
    if (len == 0 || ret == -1) {
        return;
    }
    flb_input_log_append(in, NULL, 0, data, len);
    if (p->cb_cleanup_ctx != NULL) {
        p->cb_cleanup_ctx(in->context.remote_context, data);
    } else if (p->cb_cleanup != NULL) {
        p->cb_cleanup(data);
    } else {
        free(data);
    }
}

static int init(struct input *in)
{
    struct flbgo_input_plugin *p = &in->base.plugin->in;

    p->api = &host_api;
    p->i_ins = in;
    p->context = &in->context;
    return p->cb_init(p);
}

static void run(struct input *in)
{
    struct plugin *p = in->base.plugin;
    struct timer timer = {NEVER, SECOND};
    bool started = false;

    for (;;) {
        int kind = receive(in, timer.due);

        /* Told anything else before its start, the engine's thread ends without a call: the start failed somewhere. */
        if (!started && kind != MAIL_START) {
            return;
        }
        started = true;
        if (kind == MAIL_START || kind == MAIL_RESUME) {
            plugin_call_int(p, kind == MAIL_START ? "FLBPluginInputPreRun" : "FLBPluginInputResume", 0);
            timer_start(&timer, clock_now(), SECOND);
        } else if (kind == MAIL_PAUSE) {
            plugin_call_int(p, "FLBPluginInputPause", 0);
            timer.due = NEVER;
        } else if (kind == MAIL_EXIT) {
            plugin_call_int(p, "FLBPluginInputPreExit", 0);
            if (p->in.cb_exit != NULL) {
                p->in.cb_exit();
            }
            return;
        } else if (timer.due != NEVER && timer_fired(&timer, clock_now())) {
            collect(in);
        }
    }
}

static void *thread(void *argument)
{
    struct input *in = argument;
    char name[160];

    /* The kernel keeps 15 bytes of it. */
    snprintf(name, sizeof name, "flb-in-%s-w0", in->base.name);
    prctl(PR_SET_NAME, name);
    if (init(in) <= 0) {
        log_error("[input:%s:%s] init failed", in->base.plugin->name, instance_name(&in->base));
        set_state(in, STATE_FAILED);
        return NULL;
    }
    set_state(in, STATE_RUNNING);
    run(in);
    return NULL;
}

/* Starts the instance and waits for its init. Collecting begins with MAIL_START. */
int input_start(struct input *in)
{
    const struct builtin *b = in->base.plugin->builtin;
    pthread_condattr_t monotonic;

    if (instance_check(&in->base) != 0) {
        return -1;
    }
    if (b != NULL) {
        return b->init(in);
    }
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&in->mail, &monotonic);
    in->context.proxy = in->base.plugin;
    in->threaded = true;
    if (pthread_create(&in->thread, NULL, thread, in) != 0) {
        return -1;
    }
    pthread_mutex_lock(&in->lock);
    while (in->state == STATE_STARTING) {
        pthread_cond_wait(&in->mail, &in->lock);
    }
    pthread_mutex_unlock(&in->lock);
    return in->state == STATE_RUNNING ? 0 : -1;
}

/* Ends the thread and throws away what its ring still holds, as the engine does. */
void input_exit(struct input *in)
{
    struct batch *b;

    if (in->threaded) {
        if (in->state == STATE_RUNNING) {
            input_send(in, MAIL_EXIT);
        }
        pthread_join(in->thread, NULL);
    }
    metric_close(in->base.metrics);
    while ((b = ring_pop(&in->ring)) != NULL) {
        in->count.thrown_batches++;
        in->count.thrown_records += b->records;
        batch_free(b);
    }
    if (in->count.thrown_batches > 0) {
        log_warn("[input:%s:%s] ring thrown away: batches=%llu records=%llu", in->base.plugin->name,
                 instance_name(&in->base), in->count.thrown_batches, in->count.thrown_records);
    }
}
