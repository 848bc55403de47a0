package fault

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// Watermarks follows what a group commits for a topic: an offset that goes back sends
// records again that were delivered, and one that a group has no more sends all of them.
type Watermarks struct {
	done  chan struct{}
	work  sync.WaitGroup
	moves atomic.Int64 // how often a look found progress

	// Of the goroutine, until done.
	highest harness.Offsets
	err     error
}

// Follow looks so often, until it is stopped.
func Follow(k *harness.Kafka, group, topic string, every time.Duration) *Watermarks {
	w := newWatermarks()
	w.work.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for w.err == nil {
			select {
			case <-w.done:
				return
			case <-tick.C:
			}
			committed, err := k.Committed(group, topic)
			if err != nil {
				w.err = fmt.Errorf("asking for committed offsets: %w", err)
				return
			}
			w.look(committed)
		}
	})
	return w
}

func newWatermarks() *Watermarks {
	return &Watermarks{done: make(chan struct{}), highest: harness.Offsets{}}
}

// look takes what is committed now.
func (w *Watermarks) look(committed harness.Offsets) {
	moved := false
	for partition, before := range w.highest {
		if now, ok := committed[partition]; !ok || now < before {
			w.err = fmt.Errorf("partition %d was committed up to %d, and then %d", partition, before, now)
			return
		}
	}
	for partition, now := range committed {
		moved = moved || now > w.highest[partition]
		w.highest[partition] = now
	}
	if moved {
		w.moves.Add(1)
	}
}

// Moves is how often there was progress so far.
func (w *Watermarks) Moves() int { return int(w.moves.Load()) }

// Stop ends the looking. It gives how often there was progress, and an error for an offset
// that went back.
func (w *Watermarks) Stop() (moves int, err error) {
	close(w.done)
	w.work.Wait()
	return w.Moves(), w.err
}
