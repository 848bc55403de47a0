#ifndef TIDEGATE_RDKAFKA_BATCH_H
#define TIDEGATE_RDKAFKA_BATCH_H

#include "abi.h"

/* One message, laid out so that Go reads it without a call per field. */
struct tg_message {
    const void *value; /* NULL for a tombstone; the error's text where err is set */
    const void *key;   /* NULL for none */
    void *topic;       /* identifies the topic; name by tg_topic_name */
    size_t value_len;
    size_t key_len;
    int64_t offset;
    int64_t timestamp; /* milliseconds, or -1 */
    size_t headers;    /* where its headers start in the batch's, and how long */
    size_t headers_len;
    int32_t partition;
    int32_t err;
};

/* Messages that librdkafka handed over and that are not given back yet. */
struct tg_batch {
    rd_kafka_message_t **messages;
    struct tg_message *out; /* what they are, for Go */
    size_t capacity;
    size_t count;
    /*
     * Headers of all messages: for each, the name and the value, both as a
     * 32-bit length in the machine's order and the bytes; length -1 is null.
     */
    char *headers;
    size_t headers_len;
    size_t headers_cap;
};

int tg_batch_init(struct tg_batch *b, size_t capacity);
void tg_batch_free(struct tg_batch *b);

/* tg_drain fills b, which must be empty. */
size_t tg_drain(rd_kafka_queue_t *queue, int timeout_ms, struct tg_batch *b);

/*
 * tg_prefetch has the processor fetch the front of messages from where another
 * core, the broker thread's, has unpacked them.
 */
void tg_prefetch(const struct tg_batch *b, size_t from, size_t to);

/* tg_release gives the messages back; what out pointed to is gone. */
void tg_release(struct tg_batch *b);

const char *tg_topic_name(void *topic);
int tg_forward(rd_kafka_t *rk, const char *topic, int32_t partition, rd_kafka_queue_t *to);

#endif
