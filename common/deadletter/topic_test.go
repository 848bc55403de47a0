package deadletter

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

func numberedLetter(i int) *Letter {
	return &Letter{Reason: "malformed", Topic: "orders", Offset: int64(i), Value: fmt.Appendf(nil, "letter %d", i)}
}

// A letter whose report tells of a passing trouble is produced again until it
// arrives, and the others do not wait for it.
func TestTriedUntilItArrives(t *testing.T) {
	tries := 0
	fake := newFake(func(m *kafka.Message) error {
		if string(m.Value) != "letter 0" {
			return nil
		}
		if tries++; tries <= 20 {
			return kafkaError(kafka.ErrUnknownTopicOrPart)
		}
		return nil
	})
	testTopic(t, func(t *testing.T, a *agent, topic *Topic) {
		var safe atomic.Int64
		for i := range 100 {
			if err := topic.Send(numberedLetter(i), func() { safe.Add(1) }); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if safe.Load() != 99 || a.metric(t, "dead_letters_waiting") != 1 {
			t.Errorf("%d safe", safe.Load())
		}
		time.Sleep(20 * lastWait) // of the bubble's clock
		synctest.Wait()
		if safe.Load() != 100 || tries != 21 || a.metric(t, "dead_letters_total") != 100 || a.metric(t, "dead_letter_failures_total") != 20 {
			t.Errorf("%d safe after %d tries", safe.Load(), tries)
		}
		if !strings.Contains(a.lines(), "dead letters wait: a topic does not exist") || strings.Count(a.lines(), "\n") > 10 {
			t.Errorf("log:\n%s", a.lines())
		}
	}, fake)
}

// What a Topic holds is bounded, in number and in bytes; it has room again once
// letters are safe.
func TestBounds(t *testing.T) {
	f := func(size, most int) {
		t.Helper()
		var down atomic.Bool
		down.Store(true)
		fake := newFake(func(*kafka.Message) error {
			if down.Load() {
				return kafkaError(kafka.ErrUnknownTopic)
			}
			return nil
		})
		testTopic(t, func(t *testing.T, a *agent, topic *Topic) {
			taken := 0
			for ; topic.Send(&Letter{Reason: "malformed", Value: make([]byte, size)}, func() {}) == nil; taken++ {
				synctest.Wait()
			}
			if err := topic.Send(&Letter{Value: make([]byte, size)}, nil); taken != most || !errors.Is(err, ErrFull) {
				t.Errorf("%d letters of %d bytes were taken, then %v; want %d", taken, size, err, most)
			}
			down.Store(false)
			<-topic.Room()
			if err := topic.Send(numberedLetter(1), func() {}); err != nil {
				t.Error(err)
			}
			time.Sleep(lastWait)
			synctest.Wait()
			if got := a.metric(t, "dead_letters_total"); got != float64(most+1) || a.metric(t, "dead_letters_waiting_bytes") != 0 {
				t.Errorf("%v are safe", got)
			}
		}, fake)
	}
	f(10, maxLetters)
	f(1<<20, 16)
	f(maxBytes+1, 1)
}

// A letter that the topic finds too large loses half of its value until it fits.
// The headers tell.
func TestCut(t *testing.T) {
	f := func(limit, value, key int, wantValue int, want map[string]string) {
		t.Helper()
		fake := newFake(func(m *kafka.Message) error {
			n := len(m.Key) + len(m.Value)
			for _, h := range m.Headers {
				n += len(h.Key) + len(h.Value)
			}
			if n > limit {
				return kafkaError(kafka.ErrMsgSizeTooLarge)
			}
			return nil
		})
		testTopic(t, func(t *testing.T, a *agent, topic *Topic) {
			l := Letter{Reason: "malformed", Topic: "orders", Partition: 3, Offset: 7, Value: make([]byte, value), Key: make([]byte, key)}
			l.Headers = []Header{{"own", []byte("x")}}
			safe := false
			if err := topic.Send(&l, func() { safe = true }); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if !safe || len(fake.got) != 1 {
				t.Fatalf("safe: %v; log:\n%s", safe, a.lines())
			}
			m := fake.got[0]
			got := map[string]string{}
			for _, h := range m.Headers {
				got[h.Key] = string(h.Value)
			}
			for name, value := range want {
				if got[name] != value {
					t.Errorf("limit %d: %s is %q, want %q", limit, name, got[name], value)
				}
			}
			if len(m.Value) != wantValue {
				t.Errorf("limit %d: the value has %d bytes", limit, len(m.Value))
			}
			if a.metric(t, "dead_letters_cut_total") != 1 {
				t.Error("not counted once")
			}
		}, fake)
	}
	f(600_000, 2_000_000, 10, 500_000, map[string]string{headerCutValue: "2000000", headerCutKey: "", "own": "x", headerOffset: "7"})
	f(1_000, 2_000_000, 10, 0, map[string]string{headerCutValue: "2000000", headerCutKey: "", "own": "x"})
	f(1_000, 2_000, 5_000, 0, map[string]string{headerCutValue: "2000", headerCutKey: "5000", headerCutHeaders: "1", "own": "", headerOffset: "7", headerPartition: "3"})
}

// A topic that takes not even the headers is told of, and nothing is given up.
func TestNothingFits(t *testing.T) {
	var fits, safe atomic.Bool
	fake := newFake(func(*kafka.Message) error {
		if fits.Load() {
			return nil
		}
		return kafkaError(kafka.ErrMsgSizeTooLarge)
	})
	testTopic(t, func(t *testing.T, a *agent, topic *Topic) {
		if err := topic.Send(numberedLetter(1), func() { safe.Store(true) }); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if safe.Load() || !strings.Contains(a.lines(), "not even the headers") || strings.Count(a.lines(), "\n") > 130 {
			t.Errorf("log:\n%s", a.lines())
		}
		fits.Store(true)
		time.Sleep(lastWait)
		synctest.Wait()
		if !safe.Load() {
			t.Error("not tried again")
		}
	}, fake)
}

// After a fatal error the next client sends what the first one had under way.
func TestFatal(t *testing.T) {
	first := newFake(func(m *kafka.Message) error {
		if string(m.Value) == "letter 1" {
			return nil
		}
		return errNoReport
	})
	second := newFake(func(*kafka.Message) error { return nil })
	testTopic(t, func(t *testing.T, a *agent, topic *Topic) {
		safe := map[int]int{}
		for i := range 3 {
			if err := topic.Send(numberedLetter(i), func() { safe[i]++ }); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		first.events <- kafka.NewError(kafka.ErrOutOfOrderSequenceNumber, "gone", true)
		time.Sleep(lastWait)
		synctest.Wait()
		if safe[0] != 1 || safe[1] != 1 || safe[2] != 1 || !first.closed || len(second.got) != 2 {
			t.Errorf("safe: %v; the second client had %d", safe, len(second.got))
		}
		if !strings.Contains(a.lines(), "a new one takes its place") {
			t.Errorf("log:\n%s", a.lines())
		}
	}, first, second)
}

// Close waits to its deadline and counts what has no report; safe is never
// called for those, and nothing is taken any more.
func TestClose(t *testing.T) {
	fake := newFake(func(m *kafka.Message) error {
		if string(m.Value) == "letter 1" {
			return nil
		}
		return errNoReport
	})
	testTopic(t, func(t *testing.T, a *agent, topic *Topic) {
		safe := 0
		for i := range 3 {
			if err := topic.Send(numberedLetter(i), func() { safe++ }); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		left := topic.Close(start.Add(time.Second))
		if left != 2 || safe != 1 || time.Since(start) != time.Second {
			t.Errorf("%d left, %d safe, after %s", left, safe, time.Since(start))
		}
		if err := topic.Send(numberedLetter(1), nil); !errors.Is(err, ErrClosed) {
			t.Errorf("sent: %v", err)
		}
		if !strings.Contains(a.lines(), "letters=2") || a.metric(t, "dead_letters_waiting") != 2 {
			t.Errorf("log:\n%s", a.lines())
		}
	}, fake)
}

// The letter's bytes are the caller's again when Send returns.
func TestCopies(t *testing.T) {
	fake := newFake(func(*kafka.Message) error { return nil })
	testTopic(t, func(t *testing.T, _ *agent, topic *Topic) {
		b := []byte("bytes")
		if err := topic.Send(&Letter{Reason: "malformed", Key: b, Value: b, Headers: []Header{{"h", b}, {"null", nil}, {"h", b}}}, func() {}); err != nil {
			t.Fatal(err)
		}
		clear(b)
		synctest.Wait()
		m := fake.got[0]
		if string(m.Key) != "bytes" || string(m.Value) != "bytes" || string(m.Headers[0].Value) != "bytes" || m.Headers[1].Value != nil || string(m.Headers[2].Value) != "bytes" {
			t.Errorf("got %v", m)
		}
	}, fake)
}
