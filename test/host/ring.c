#include "host.h"

void batch_free(struct batch *batch)
{
    free(batch->tag);
    free(batch->data);
    free(batch);
}

/* Returns -1 when the ring is full. */
int ring_push(struct ring *ring, struct batch *batch)
{
    int rc = -1;

    pthread_mutex_lock(&ring->lock);
    if (ring->used < RING_SLOTS) {
        ring->slots[(ring->first + ring->used++) % RING_SLOTS] = batch;
        rc = 0;
    }
    pthread_mutex_unlock(&ring->lock);
    return rc;
}

struct batch *ring_pop(struct ring *ring)
{
    struct batch *batch = NULL;

    pthread_mutex_lock(&ring->lock);
    if (ring->used > 0) {
        batch = ring->slots[ring->first];
        ring->first = (ring->first + 1) % RING_SLOTS;
        ring->used--;
    }
    pthread_mutex_unlock(&ring->lock);
    return batch;
}

/* Full enough that the engine should empty it now, not at its next regular round. */
bool ring_urgent(struct ring *ring)
{
    bool urgent;

    pthread_mutex_lock(&ring->lock);
    urgent = ring->used >= RING_WAKE;
    pthread_mutex_unlock(&ring->lock);
    return urgent;
}
