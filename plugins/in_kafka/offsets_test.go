package inkafka

import (
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

func TestOffsets(t *testing.T) {
	p, q := partition{"t", 0}, partition{"t", 1}
	o := newOffsets()
	due := func() map[partition]int64 {
		got := map[partition]int64{}
		for _, tp := range o.due() {
			got[partition{*tp.Topic, tp.Partition}] = int64(tp.Offset)
		}
		return got
	}
	want := func(when string, got map[partition]int64, want map[partition]int64) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%s: due %v, want %v", when, got, want)
		}
		for p, n := range want {
			if got[p] != n {
				t.Fatalf("%s: due %v, want %v", when, got, want)
			}
		}
	}

	o.assign(p)
	o.assign(q)
	want("nothing appended", due(), nil)

	o.appended([]mark{{p, o.assignment(p), 5}, {q, o.assignment(q), 7}})
	want("appended", due(), map[partition]int64{p: 5, q: 7})
	want("committed", due(), nil)

	o.appended([]mark{{p, o.assignment(p), 3}})
	want("a mark behind the commit", due(), nil)

	o.appended([]mark{{p, o.assignment(p), 6}})
	list := o.due()
	o.uncommitted(list)
	want("a failed commit", due(), map[partition]int64{p: 6})

	before := o.assignment(p)
	o.revoke(p)
	o.appended([]mark{{p, before, 9}})
	want("revoked", due(), nil)
	o.uncommitted([]kafka.TopicPartition{{Topic: &p.topic, Partition: p.id, Offset: 6}})

	o.assign(p)
	o.appended([]mark{{p, before, 9}})
	want("a batch of an earlier assignment", due(), nil)
}
