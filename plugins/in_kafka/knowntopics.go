package inkafka

import (
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// topicLister is the consumer, as far as knownTopics asks it.
type topicLister interface {
	GetMetadata(topic *string, allTopics bool, timeoutMs int) (*kafka.Metadata, error)
}

// knownTopics are the topics that there were when the agent started, with how
// many partitions: one that is not among them was made later.
type knownTopics struct {
	mu    sync.Mutex
	known map[string]int // nil until the brokers have answered
}

// watch asks until the brokers have answered once: a topic may be made before
// there is a partition to place.
func (k *knownTopics) watch(client topicLister, stop <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if _, err := k.counts(client, 500*time.Millisecond); err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-stop:
			return
		}
	}
}

// counts returns the number of partitions by topic.
func (k *knownTopics) counts(client topicLister, timeout time.Duration) (map[string]int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known != nil {
		return k.known, nil
	}
	all, err := client.GetMetadata(nil, true, int(timeout.Milliseconds()))
	if err != nil {
		return nil, err
	}
	k.known = map[string]int{}
	for name, topic := range all.Topics {
		k.known[name] = len(topic.Partitions)
	}
	return k.known, nil
}
