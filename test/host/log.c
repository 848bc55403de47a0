#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

int log_level = LOG_INFO;

/* Fluent Bit cuts its lines at about this length; a plugin that logs more must lose it here as well. */
enum { LINE_MAX_BYTES = 4064 };

static const char *const titles[] = {"off", "error", "warn", "info", "debug", "trace"};

int log_level_of(const char *name)
{
    for (int i = LOG_OFF; i <= LOG_TRACE; i++) {
        if (strcasecmp(name, titles[i]) == 0) {
            return i;
        }
    }
    return strcasecmp(name, "warning") == 0 ? LOG_WARN : -1;
}

void log_print(int level, const char *file, int line, const char *format, ...)
{
    char text[LINE_MAX_BYTES];
    struct timespec now;
    struct tm date;
    size_t len;
    int n;
    va_list args;

    (void) file;
    (void) line;
    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &date);
    len = strftime(text, sizeof text, "[%Y/%m/%d %H:%M:%S", &date);
    len += (size_t) snprintf(text + len, sizeof text - len, ".%03ld] [%5s] ", now.tv_nsec / 1000000,
                             level >= LOG_OFF && level <= LOG_TRACE ? titles[level] : "log");
    va_start(args, format);
    n = vsnprintf(text + len, sizeof text - len - 1, format, args);
    va_end(args);
    if (n < 0) {
        return;
    }
    len += (size_t) n < sizeof text - len - 1 ? (size_t) n : sizeof text - len - 2;
    text[len++] = '\n';
    /* One write per line keeps lines of several threads whole; there is nowhere to report that stderr is gone. */
    if (write(STDERR_FILENO, text, len) < 0) {
        return;
    }
}
