package inkafka

import (
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/delivery"
)

// storeEvery is how often offsets are handed to the client, which commits them
// on commit_interval, on a rebalance and at the end. (Committing ourselves would
// block: without a broker, an agent could not stop for most of a minute.)
const storeEvery = 200 * time.Millisecond

// store hands the offsets that moved to the client.
func (r *reader) store(now time.Time) {
	if now.Sub(r.stored) < storeEvery {
		return
	}
	r.stored = now
	r.offsets = r.ledger.Commit(r.offsets[:0])
	r.health.look(now, r.ledger, len(r.offsets) > 0)
	r.storeOffsets(r.offsets)
}

func (r *reader) storeOffsets(list []delivery.Offset) {
	if len(list) == 0 || r.config.Commit == commitAuto {
		return
	}
	parts := make([]kafka.TopicPartition, len(list))
	for i := range list {
		parts[i] = kafka.TopicPartition{Topic: &list[i].Topic, Partition: list[i].ID, Offset: kafka.Offset(list[i].Next)}
	}
	if _, err := r.client.consumer.StoreOffsets(parts); err != nil {
		// A partition that is not ours any more: its new owner reads what is
		// behind its last commit. The others were stored.
		r.log.Debug("offsets were not stored", "err", err)
	}
	r.commits.stored(time.Now(), list)
}
