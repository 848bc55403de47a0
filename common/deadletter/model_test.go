package deadletter

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// world is a broker with a bad day, for as long as calm is false: batches are
// refused for nothing, and clients meet fatal errors, with letters in flight
// that the broker has or has not.
type world struct {
	random *rand.Rand
	limit  int // of a batch, in bytes of values

	mu    sync.Mutex
	calm  bool
	has   map[string]int // how often each letter arrived, by its offset
	fatal int
}

// batching is a client of the world. What is produced within a few milliseconds
// is a batch, whose messages share their fate.
type batching struct {
	world   *world
	events  chan kafka.Event
	reports chan kafka.Event
	batch   []*kafka.Message
	broken  bool
}

func (b *batching) Produce(m *kafka.Message, reports chan kafka.Event) error {
	b.world.mu.Lock()
	defer b.world.mu.Unlock()
	switch {
	case b.broken:
		return kafka.NewError(kafka.ErrFatal, "broken", false)
	case !b.world.calm && b.world.random.IntN(50) == 0:
		return kafkaError(kafka.ErrQueueFull)
	}
	if b.reports = reports; len(b.batch) == 0 {
		time.AfterFunc(5*time.Millisecond, b.flush)
	}
	b.batch = append(b.batch, m)
	return nil
}

// flush is the broker's answer to a batch.
func (b *batching) flush() {
	b.world.mu.Lock()
	defer b.world.mu.Unlock()
	if b.broken {
		return
	}
	err := b.world.judge(b.batch)
	for _, m := range b.batch {
		if err == nil {
			b.world.has[headerValue(m, headerOffset)]++
		}
	}
	if !b.world.calm && b.world.random.IntN(20) == 0 {
		b.broken = true // and no report comes
		b.world.fatal++
		b.events <- kafka.NewError(kafka.ErrOutOfOrderSequenceNumber, "broken", true)
		return
	}
	for _, m := range b.batch {
		report := *m
		report.TopicPartition.Error = err
		b.reports <- &report
	}
	b.batch = nil
}

func (w *world) judge(batch []*kafka.Message) error {
	sum := 0
	for _, m := range batch {
		if sum += len(m.Value); m.Key == nil {
			return kafkaError(kafka.ErrInvalidRecord)
		}
	}
	switch {
	case sum > w.limit:
		return kafkaError(kafka.ErrMsgSizeTooLarge)
	case !w.calm && w.random.IntN(4) == 0:
		return kafkaError(kafka.ErrUnknownTopicOrPart)
	}
	return nil
}

func (b *batching) Events() chan kafka.Event { return b.events }

func (b *batching) Refresh() {}

func (b *batching) Close() {
	b.world.mu.Lock()
	defer b.world.mu.Unlock()
	b.broken = true
}

// TestModel holds, whatever happens, that every letter that is safe is in the
// topic, that each gets there once the broker has calmed down, and that those
// without a key, which this topic never takes, hold up no other. A letter is cut
// for its own size only, never for that of a batch.
func TestModel(t *testing.T) {
	for seed := range uint64(30) {
		synctest.Test(t, func(t *testing.T) { runModel(t, seed) })
	}
}

func runModel(t *testing.T, seed uint64) {
	w := &world{random: rand.New(rand.NewPCG(seed, 1)), limit: 4000, has: map[string]int{}}
	a := newAgent()
	topic, err := newTopic(a.owner(t), "dead", Cluster{}, func() (client, error) {
		return &batching{world: w, events: make(chan kafka.Event, 10)}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const n = 500
	large, keyless := 0, 0
	var mu sync.Mutex
	safe := map[int]int{}
	random := rand.New(rand.NewPCG(seed, 2))
	for i := range n {
		l := numberedLetter(i)
		l.Key = []byte("k")
		switch random.IntN(20) {
		case 0:
			l.Value = make([]byte, 4001+random.IntN(100_000))
			large++
		case 1:
			l.Key = nil
			keyless++
		}
		for errors.Is(topic.Send(l, func() { mu.Lock(); safe[i]++; mu.Unlock() }), ErrFull) {
			<-topic.Room()
		}
		time.Sleep(time.Duration(random.IntN(10)) * time.Millisecond) // of the bubble's clock
	}
	w.mu.Lock()
	w.calm = true
	w.mu.Unlock()
	time.Sleep(10 * time.Minute)
	left := topic.Close(time.Now().Add(time.Second))
	a.running.Wait()
	if left != keyless || len(safe) != n-keyless {
		t.Errorf("seed %d: %d left and %d safe of %d, %d of them without a key", seed, left, len(safe), n, keyless)
	}
	for i, times := range safe {
		if times != 1 || w.has[fmt.Sprint(i)] == 0 {
			t.Errorf("seed %d: letter %d was safe %d times and arrived %d times", seed, i, times, w.has[fmt.Sprint(i)])
		}
	}
	if cut := int(a.metric(t, "dead_letters_cut_total")); cut != large {
		t.Errorf("seed %d: %d were cut, %d were too large", seed, cut, large)
	}
	if seed == 0 && (w.fatal == 0 || large == 0 || keyless == 0) {
		t.Error("nothing happened")
	}
}
