/*
 * tidegate-testhost drives our plugins through Fluent Bit's Go proxy ABI where no Fluent Bit is installed, and shows on demand
 * what the engine does to data. It is a test bench and nothing else; README.md says what it models.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "log.h"

static const char identity[] = "tidegate-testhost 1: a test bench for plugins, not Fluent Bit; models the Go proxy of 5.1.1";

/* The engine's thread, which is not the process's first one: nor is it in Fluent Bit. A failed start still exits what it can. */
static void *run(void *argument)
{
    int *status = argument;

    prctl(PR_SET_NAME, "flb-pipeline");
    *status = engine_start() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    if (*status == EXIT_SUCCESS) {
        log_info("[engine] started: flush=%gs, grace=%ds", engine.flush, engine.grace);
        engine_run();
    }
    engine_exit();
    return NULL;
}

/* SA_ONSTACK: the signal may hit a Go thread, whose goroutine stack could not hold the handler. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = engine_stop_signal, .sa_flags = SA_ONSTACK | SA_RESTART};

    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = metrics_ask;
    sigaction(SIGUSR1, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int host(const char *path)
{
    struct conf conf;
    pthread_t thread;
    int status = EXIT_FAILURE;

    log_print(LOG_INFO, NULL, 0, "[host] %s, pid=%ld", identity, (long) getpid());
    if (conf_read(&conf, path) == 0 && service_apply(&conf) == 0) {
        srand((unsigned) time(NULL) ^ (unsigned) getpid());
        catch_signals();
        if (pthread_create(&thread, NULL, run, &status) == 0) {
            pthread_join(thread, NULL);
        }
        summary_print();
        metrics_write();
        plugin_unregister_all();
    } else {
        log_error("[config] %s is not usable, nothing was started", path);
    }
    conf_free(&conf);
    return status;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"metrics", required_argument, NULL, 'm'}, {0}};
    const char *path = NULL;
    int c;

    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts(identity);
        return EXIT_SUCCESS;
    }
    /* -R names a parsers file: there are no parsers here. */
    while ((c = getopt_long(argc, argv, "c:R:m:", options, NULL)) != -1) {
        if (c == '?') {
            return EXIT_FAILURE;
        }
        path = c == 'c' ? optarg : path;
        if (c == 'm') {
            metrics_file(optarg);
        }
    }
    if (path == NULL || optind < argc) {
        fprintf(stderr, "usage: %s -c FILE [-R FILE] [--metrics FILE] | --version\n", argv[0]);
        return EXIT_FAILURE;
    }
    return host(path);
}
