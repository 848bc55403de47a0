#include <stdlib.h>
#include <string.h>

#include "batch.h"

int tg_batch_init(struct tg_batch *b, size_t capacity)
{
    memset(b, 0, sizeof *b);
    b->messages = calloc(capacity, sizeof *b->messages);
    b->out = calloc(capacity, sizeof *b->out);
    b->capacity = capacity;
    return b->messages != NULL && b->out != NULL ? 0 : -1;
}

void tg_batch_free(struct tg_batch *b)
{
    tg_release(b);
    free(b->messages);
    free(b->out);
    free(b->headers);
    memset(b, 0, sizeof *b);
}

void tg_release(struct tg_batch *b)
{
    size_t i;

    for (i = 0; i < b->count; i++) {
        rd_kafka_message_destroy(b->messages[i]);
    }
    b->count = 0;
    b->headers_len = 0;
}

/* put_bytes appends a length and bytes to the batch's headers. */
static int put_bytes(struct tg_batch *b, const void *bytes, size_t len)
{
    int32_t prefix = bytes != NULL ? (int32_t)len : -1;
    size_t need = sizeof prefix + (bytes != NULL ? len : 0);

    if (b->headers_cap - b->headers_len < need) {
        size_t cap = b->headers_cap * 2 + need + 4096;
        char *grown = realloc(b->headers, cap);

        if (grown == NULL) {
            return -1;
        }
        b->headers = grown;
        b->headers_cap = cap;
    }
    memcpy(b->headers + b->headers_len, &prefix, sizeof prefix);
    if (bytes != NULL) {
        memcpy(b->headers + b->headers_len + sizeof prefix, bytes, len);
    }
    b->headers_len += need;
    return 0;
}

/* put_headers appends a message's headers and tells where they lie. */
static void put_headers(struct tg_batch *b, const rd_kafka_message_t *m, struct tg_message *out)
{
    rd_kafka_headers_t *headers;
    const char *name;
    const void *value;
    size_t i, len;

    out->headers = b->headers_len;
    if (rd_kafka_message_headers(m, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        for (i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &len) == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
            if (put_bytes(b, name, strlen(name)) != 0 || put_bytes(b, value, len) != 0) {
                b->headers_len = out->headers; /* no memory: the message goes without */
                break;
            }
        }
    }
    out->headers_len = b->headers_len - out->headers;
}

size_t tg_drain(rd_kafka_queue_t *queue, int timeout_ms, struct tg_batch *b)
{
    struct tg_message *out = b->out;
    ssize_t n = rd_kafka_consume_batch_queue(queue, timeout_ms, b->messages, b->capacity);
    size_t i;

    b->count = n > 0 ? (size_t)n : 0;
    for (i = 0; i < b->count; i++) {
        const rd_kafka_message_t *m = b->messages[i];
        rd_kafka_timestamp_type_t type;

        out[i].value = m->payload;
        out[i].value_len = m->len;
        out[i].key = m->key;
        out[i].key_len = m->key_len;
        out[i].topic = m->rkt;
        out[i].offset = m->offset;
        out[i].partition = m->partition;
        out[i].err = (int32_t)m->err;
        out[i].timestamp = rd_kafka_message_timestamp(m, &type);
        if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) {
            out[i].timestamp = -1;
        }
        put_headers(b, m, &out[i]);
    }
    return b->count;
}

void tg_prefetch(const struct tg_batch *b, size_t from, size_t to)
{
    enum { line = 64, most = 8 * line };
    size_t i, at;

    for (i = from; i < to && i < b->count; i++) {
        const struct tg_message *m = &b->out[i];

        for (at = 0; at < m->value_len && at < most; at += line) {
            __builtin_prefetch((const char *)m->value + at, 0, 2);
        }
    }
}

const char *tg_topic_name(void *topic)
{
    return rd_kafka_topic_name(topic);
}

int tg_forward(rd_kafka_t *rk, const char *topic, int32_t partition, rd_kafka_queue_t *to)
{
    rd_kafka_queue_t *from = rd_kafka_queue_get_partition(rk, topic, partition);

    if (from == NULL) {
        return -1;
    }
    rd_kafka_queue_forward(from, to);
    rd_kafka_queue_destroy(from);
    return 0;
}
