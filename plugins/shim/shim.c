/*
 * The four .so files that Fluent Bit opens. Each is this file and coroutine.c,
 * compiled with one of TIDEGATE_INPUT and TIDEGATE_OUTPUT, and with the header
 * that build/optiontables makes from the plugin's option table:
 *
 *   TIDEGATE_FILE          the .so file's name, which is the core's for the plugin
 *   TIDEGATE_NAME          what configurations give as Name
 *   TIDEGATE_DESCRIPTION   one line for the host's list of plugins
 *   tidegate_options       its options
 *
 * A shim registers its plugin and forwards the host's calls to
 * libtidegate.so, the one Go runtime of the process. That is opened in the
 * first FLBPluginInit and not before: `fluent-bit -d` forks after it has
 * registered plugins, and a Go runtime does not survive a fork. It is never
 * closed, because a Go runtime cannot be; a hot reload finds it still there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coroutine.h"
#include "fluentbit.h"
#include TIDEGATE_OPTIONS_HEADER

#define EXPORT __attribute__((visibility("default")))

static struct {
    uintptr_t (*init)(const char *file, void *plugin);
    int (*flush_start)(uintptr_t, const void *, size_t, const char *, uintptr_t *);
    int (*flush_end)(uintptr_t, uintptr_t);
    int (*collect)(uintptr_t, void **, size_t *);
    void (*pause)(uintptr_t);
    void (*resume)(uintptr_t);
    void (*exit)(uintptr_t);
    void (*faults_keep)(void);
    char error[PATH_MAX + 128];
} core;

/*
 * enter_go is called before each call into the core, on the host's threads.
 *
 * The host's signal handlers have no stack of their own (SA_ONSTACK) after the
 * first SIGHUP or SIGCONT, and would run on a goroutine's of a few KiB: the
 * kernel writes over what lies below. So the host's signals are for threads that
 * never run Go: for the main thread, which takes them anyway. Threads that Go and
 * librdkafka start inherit the mask of the one that started them.
 */
static void enter_go(void)
{
    static _Thread_local int masked;
    static const int host_signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCONT};
    sigset_t set;
    size_t i;

    if (!masked) {
        sigemptyset(&set);
        for (i = 0; i < sizeof host_signals / sizeof *host_signals; i++) {
            sigaddset(&set, host_signals[i]);
        }
        masked = pthread_sigmask(SIG_BLOCK, &set, NULL) == 0;
    }
    if (core.faults_keep != NULL) {
        core.faults_keep();
    }
}

static pthread_once_t core_once = PTHREAD_ONCE_INIT;

/* core_path writes the path of libtidegate.so, which lies beside this file. */
static int core_path(char *path, size_t size)
{
    Dl_info self;
    char real[PATH_MAX];
    char *slash;

    if (!dladdr((void *)core_path, &self) || !realpath(self.dli_fname, real)) {
        return -1;
    }
    slash = strrchr(real, '/');
    slash[1] = '\0';
    return snprintf(path, size, "%slibtidegate.so", real) < (int)size ? 0 : -1;
}

static void core_open(void)
{
    char path[PATH_MAX];
    void *lib;

    if (core_path(path, sizeof path) != 0) {
        snprintf(core.error, sizeof core.error, "cannot tell the plugin's own folder");
        return;
    }
    /*
     * Not RTLD_DEEPBIND: the official image's executable is its own malloc,
     * and libraries of one process must agree on that.
     */
    lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (lib == NULL) {
        snprintf(core.error, sizeof core.error, "%s", dlerror());
        return;
    }
    *(void **)&core.init = dlsym(lib, "tidegate_init");
    *(void **)&core.flush_start = dlsym(lib, "tidegate_flush_start");
    *(void **)&core.flush_end = dlsym(lib, "tidegate_flush_end");
    *(void **)&core.collect = dlsym(lib, "tidegate_collect");
    *(void **)&core.pause = dlsym(lib, "tidegate_pause");
    *(void **)&core.resume = dlsym(lib, "tidegate_resume");
    *(void **)&core.exit = dlsym(lib, "tidegate_exit");
    *(void **)&core.faults_keep = dlsym(lib, "tidegate_faults_keep");
    if (!core.init || !core.flush_start || !core.flush_end || !core.collect || !core.pause || !core.resume || !core.exit ||
        !core.faults_keep) {
        snprintf(core.error, sizeof core.error, "%s is not of the same build as this plugin", path);
    }
}

/*
 * host_takes_options tells whether the host reads a table of options from def.
 * Then it refuses unknown and repeated options, which a plugin alone cannot:
 * it may ask for an option by name, but not which ones there are.
 *
 * Nothing tells the host's version, so its memory does. def comes from the
 * host's malloc, which knows whether config_map lies inside the allocation
 * (between 5.0 and 5.1.1 it may lie in the padding, which nobody reads). And
 * the size of a row is proven on a table that the host exports: split into
 * rows of that size, all but the last must have a name and a description.
 */
static int host_takes_options(struct flb_plugin_proxy_def *def)
{
    const struct flb_config_map *row;
    const ElfW(Sym) *symbol;
    Dl_info where;
    size_t rows, i;

    row = dlsym(RTLD_DEFAULT, "output_global_properties");
    if (malloc_usable_size(def) < sizeof *def || row == NULL ||
        !dladdr1(row, &where, (void **)&symbol, RTLD_DL_SYMENT) || symbol == NULL) {
        return 0;
    }
    rows = symbol->st_size / sizeof *row;
    if (rows < 2 || symbol->st_size % sizeof *row != 0) {
        return 0;
    }
    for (i = 0; i + 1 < rows; i++) {
        if (row[i].name == NULL || row[i].desc == NULL) {
            return 0;
        }
    }
    return row[rows - 1].name == NULL && strcmp(row[0].name, "match") == 0;
}

EXPORT int FLBPluginRegister(struct flb_plugin_proxy_def *def)
{
    def->proxy = FLB_PROXY_GOLANG;
    def->flags = 0;
    def->name = TIDEGATE_NAME;
    def->description = TIDEGATE_DESCRIPTION;
#ifdef TIDEGATE_INPUT
    def->type = FLB_PROXY_INPUT_PLUGIN;
#else
    def->type = FLB_PROXY_OUTPUT_PLUGIN;
#endif
    if (host_takes_options(def)) {
        def->config_map = tidegate_options;
    }
    return 0;
}

/* init opens the core and gives the instance's handle, 0 for a failed start. */
static uintptr_t init(struct flbgo_plugin *plugin)
{
    enter_go();
    pthread_once(&core_once, core_open);
    if (core.error[0] != '\0') {
        plugin->api->log_print(FLB_LOG_ERROR, NULL, 0, "[" TIDEGATE_NAME "] cannot start: %s", core.error);
        return 0;
    }
    return core.init(TIDEGATE_FILE, plugin);
}

#ifdef TIDEGATE_OUTPUT

/* Whether flushes give their thread back to the host while they wait. */
static int yields;
static int (*set_property)(void *, const char *, const char *);

static void find_coroutines(void)
{
    *(void **)&set_property = dlsym(RTLD_DEFAULT, "flb_output_set_property");
    yields = set_property != NULL && coroutine_find();
}

EXPORT int FLBPluginInit(struct flbgo_plugin *plugin)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    uintptr_t handle = init(plugin);

    pthread_once(&once, find_coroutines);
    if (yields) {
        /* Workers would have nothing to do, and see coroutine.h. */
        set_property(plugin->instance, "workers", "0");
    } else {
        plugin->api->log_print(FLB_LOG_WARN, NULL, 0, "[" TIDEGATE_NAME "] this host cannot suspend a flush: each "
                               "holds up its thread, and with Workers 0 the whole agent, until the server answers");
    }
    ((struct flb_output_context *)plugin->context)->remote_context = (void *)handle;
    return handle != 0 ? FLB_OK : FLB_ERROR;
}

EXPORT int FLBPluginFlushCtx(void *handle, const void *data, size_t size, const char *tag)
{
    uintptr_t flush;
    int ended;

    enter_go();
    ended = core.flush_start((uintptr_t)handle, data, size, tag, &flush);

    if (ended >= 0 && (!yields || !coroutine_wait(ended))) {
        struct pollfd readable = {.fd = ended, .events = POLLIN};

        while (poll(&readable, 1, -1) < 0 && errno == EINTR) {
        }
    }
    enter_go();
    return core.flush_end((uintptr_t)handle, flush);
}

EXPORT int FLBPluginFlush(const void *data, size_t size, const char *tag)
{
    (void)data, (void)size, (void)tag;
    return FLB_RETRY; /* hosts call FLBPluginFlushCtx where there is one */
}

EXPORT int FLBPluginExitCtx(void *handle)
{
    if (handle != NULL) {
        enter_go();
        core.exit((uintptr_t)handle);
    }
    return FLB_OK;
}

#else

/*
 * Pause, resume and exit come without a context, but an input's calls all
 * come on the thread that the host made for it.
 */
static _Thread_local uintptr_t this_input;

EXPORT int FLBPluginInit(struct flbgo_plugin *plugin)
{
    this_input = init(plugin);
    ((struct flb_input_context *)plugin->context)->remote_context = (void *)this_input;
    return this_input != 0 ? FLB_OK : FLB_ERROR;
}

EXPORT int FLBPluginInputCallbackCtx(void *handle, void **data, size_t *size)
{
    enter_go();
    return core.collect((uintptr_t)handle, data, size);
}

EXPORT int FLBPluginInputCleanupCallbackCtx(void *handle, void *data)
{
    (void)handle;
    free(data);
    return FLB_OK;
}

EXPORT void FLBPluginInputPause(void)
{
    if (this_input != 0) {
        enter_go();
        core.pause(this_input);
    }
}

EXPORT void FLBPluginInputResume(void)
{
    if (this_input != 0) {
        enter_go();
        core.resume(this_input);
    }
}

EXPORT int FLBPluginExit(void)
{
    if (this_input != 0) {
        enter_go();
        core.exit(this_input);
        this_input = 0;
    }
    return FLB_OK;
}

#endif
