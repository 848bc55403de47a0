/*
 * foreign.c: a Fluent Bit executable exports its own librdkafka, and a plugin that binds to it runs on the wrong copy without
 * a word. Here every such call ends the process with its name.
 */
#include <stdlib.h>
#include <unistd.h>

#include "host.h"

static void die(const char *text, size_t len)
{
    /* Plain write: the caller may be on any thread and on a stack of any size. */
    if (write(STDERR_FILENO, text, len) >= 0) {
        fsync(STDERR_FILENO);
    }
    abort();
}

#define FOREIGN(name)                                                              \
    EXPORT void name(void);                                                        \
    EXPORT void name(void)                                                         \
    {                                                                              \
        static const char text[] = "FATAL: plugin called the host's " #name "\n"; \
        die(text, sizeof text - 1);                                                \
    }

#include "foreign.def"
