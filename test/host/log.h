/* log.h: one line per event on stderr, in the format of Fluent Bit's log. */
#ifndef TESTHOST_LOG_H
#define TESTHOST_LOG_H

enum { LOG_OFF, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE };

/* The level of [SERVICE] and the default of every instance. */
extern int log_level;

/* The level of a name (off, error, warn or warning, info, debug, trace), -1 for any other. */
int log_level_of(const char *name);

/* Prints whatever the level: asking first is the caller's part, in the engine too. Safe on a 24 KiB stack. */
void log_print(int level, const char *file, int line, const char *format, ...) __attribute__((format(printf, 4, 5)));

#define LOG(level, ...)                                     \
    do {                                                    \
        if ((level) <= log_level) {                         \
            log_print((level), __FILE__, __LINE__, __VA_ARGS__); \
        }                                                   \
    } while (0)

#define log_error(...) LOG(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) LOG(LOG_WARN, __VA_ARGS__)
#define log_info(...) LOG(LOG_INFO, __VA_ARGS__)
#define log_debug(...) LOG(LOG_DEBUG, __VA_ARGS__)

#endif
