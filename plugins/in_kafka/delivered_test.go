package inkafka

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/jsontext"
)

// sink is an output: it delivers the chunks that the host made.
type sink struct {
	t    *testing.T
	out  *delivery.Output
	got  map[string]int // records by text
	skip bool           // asks for retries instead
}

// flush flushes what was appended since the last time, a chunk for each append.
func (s *sink) flush(to *taker) {
	to.mu.Lock()
	appends := to.taken[""]
	delete(to.taken, "")
	to.mu.Unlock()
	for _, events := range appends {
		c := s.out.Chunk("", len(events))
		var fresh []string
		for all := chunk.NewRecords(events); all.Next(); {
			if !c.Add(&all.Event) {
				record, err := jsontext.Append(nil, all.Event.Body)
				if err != nil {
					s.t.Fatal(err)
				}
				fresh = append(fresh, string(record))
			}
		}
		c.Start(time.Now())
		if s.skip {
			c.Retry(time.Now())
			continue
		}
		for _, record := range fresh {
			s.got[record]++
		}
		c.Done(time.Now())
	}
}

// TestInputCommitsWhatWasDelivered has a first run whose output delivers some
// and then nothing any more: the second run brings the rest, and only that twice
// which was read and not delivered.
func TestInputCommitsWhatWasDelivered(t *testing.T) {
	t.Parallel()
	const n = 6000
	brokers := mockKafka(t, "t")
	given := twice(brokers)
	given["commit"] = commitDelivered
	got := map[string]int{}
	produce(t, brokers, "t", 0, n)
	for run, want := range []int{1, n} {
		h, log := testHost(t)
		s := &sink{t: t, out: h.Deliveries.Join("tidegate_loki", "loki"), got: got}
		to := &taker{}
		runInputOn(t, h, log, given, to, func() bool {
			s.flush(to)
			s.skip = run == 0 && len(got) > 0
			return len(got) >= want
		})
	}
	for i := range n {
		if c := got[fmt.Sprintf(`{"n":%d}`, i)]; c != 1 {
			t.Fatalf("record %d was delivered %d times", i, c)
		}
	}
}

// TestInputAppendsAgain holds that what the agent gave up comes again, and only
// that.
func TestInputAppendsAgain(t *testing.T) {
	t.Parallel()
	const n = 3000
	brokers := mockKafka(t, "t")
	given := twice(brokers)
	given["commit"] = commitDelivered
	produce(t, brokers, "t", 0, n)
	h, log := testHost(t)
	s := &sink{t: t, out: h.Deliveries.Join("tidegate_loki", "loki"), got: map[string]int{}, skip: true}
	to := &taker{}
	runInputOn(t, h, log, given, to, func() bool {
		before := to.calls
		s.flush(to)
		if s.skip && before > 0 {
			// The retries have run out. Nobody says of which chunk.
			s.out.Dropped(n, 2, time.Now())
			s.skip = false
		}
		return len(s.got) >= n
	})
	for record, times := range s.got {
		if times != 1 {
			t.Fatalf("%s was delivered %d times", record, times)
		}
	}
	if !strings.Contains(log.String(), "handed to the agent again") {
		t.Errorf("no line of it:\n%s", log)
	}
}

// TestInputNeedsItsOutputs holds that an input that would wait for nothing, or
// does not know for whom, says so and stops.
func TestInputNeedsItsOutputs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		outputs []string
		ackFrom string
		want    string
	}{
		{nil, "", "commit appended"},
		{[]string{"loki", "logtide"}, "", "logtide, loki"},
		{[]string{"loki"}, "lokki", `"lokki"`},
	} {
		given := with(map[string]string{"brokers": "127.0.0.1:1", "commit": commitDelivered})
		if c.ackFrom != "" {
			given["ack_from"] = c.ackFrom
		}
		cfg, err := parse(given)
		if err != nil {
			t.Fatal(err)
		}
		h, _ := testHost(t)
		var failed error
		h.Fail = func(err error) { failed = err }
		for _, name := range c.outputs {
			h.Deliveries.Join("tidegate_x", name)
		}
		in, err := cfg.NewInput(h)
		if err != nil {
			t.Fatal(err)
		}
		in.Collect(time.Now(), &taker{})
		in.Close()
		if failed == nil || !strings.Contains(failed.Error(), c.want) {
			t.Errorf("%+v: %v", c, failed)
		}
	}
}
