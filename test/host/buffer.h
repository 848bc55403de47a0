/* buffer.h: bytes that grow. The owner frees them with buffer_free; running out of memory ends the program. */
#ifndef TESTHOST_BUFFER_H
#define TESTHOST_BUFFER_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct buffer {
    uint8_t *data;
    size_t len;
    size_t cap;
};

static inline void *must(void *p)
{
    if (p == NULL) {
        abort();
    }
    return p;
}

static inline void buffer_append(struct buffer *b, const void *data, size_t len)
{
    if (b->cap - b->len < len) {
        b->cap = (b->cap + len) * 2;
        b->data = must(realloc(b->data, b->cap));
    }
    if (len > 0) {
        memcpy(b->data + b->len, data, len);
    }
    b->len += len;
}

static inline void buffer_text(struct buffer *b, const char *text) { buffer_append(b, text, strlen(text)); }

static inline void buffer_free(struct buffer *b)
{
    free(b->data);
    memset(b, 0, sizeof *b);
}

#endif
