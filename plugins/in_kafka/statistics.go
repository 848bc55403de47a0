package inkafka

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// statisticsEvery is how often the client tells of itself.
const statisticsEvery = 5 * time.Second

// statistics is what is read of librdkafka's (STATISTICS.md in its source).
type statistics struct {
	Brokers map[string]struct {
		Name   string `json:"name"`
		NodeID int32  `json:"nodeid"`
		State  string `json:"state"`
		RTT    struct {
			Avg int64 `json:"avg"` // microseconds
		} `json:"rtt"`
	} `json:"brokers"`
	Topics map[string]struct {
		Partitions map[string]struct {
			Partition int32 `json:"partition"`
			// Desired says that it is assigned to this member.
			Desired bool `json:"desired"`
			// Behind the last stored offset, and behind the position; -1 for not
			// known.
			LagStored int64 `json:"consumer_lag_stored"`
			Lag       int64 `json:"consumer_lag"`
		} `json:"partitions"`
	} `json:"topics"`
}

// enter takes the client's statistics over.
func (p *partitions) enter(text string) error {
	var s statistics
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return fmt.Errorf("reading the client's statistics: %w", err)
	}
	for _, b := range s.Brokers {
		if b.NodeID < 0 {
			continue // a name to connect to first, or the client's own
		}
		up := 0.0
		if b.State == "UP" {
			up = 1
		}
		p.brokerUp.WithLabelValues(b.Name).Set(up)
		p.rtt.WithLabelValues(b.Name).Set(float64(b.RTT.Avg) / 1e6)
	}
	for topic, t := range s.Topics {
		for _, one := range t.Partitions {
			if one.Partition < 0 {
				continue
			}
			lag := one.LagStored
			if lag < 0 {
				lag = one.Lag
			}
			if !one.Desired {
				lag = 0 // another member's
			}
			if lag >= 0 {
				p.lag.WithLabelValues(topic, strconv.Itoa(int(one.Partition))).Set(float64(lag))
			}
		}
	}
	return nil
}

// revoked forgets the lag of a partition: its new owner tells it.
func (p *partitions) revoked(topic string, id int32) {
	p.lag.WithLabelValues(topic, strconv.Itoa(int(id))).Set(0)
}
