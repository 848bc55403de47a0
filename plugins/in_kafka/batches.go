package inkafka

import (
	"bytes"
	"time"

	"github.com/tidegate/tidegate/common/delivery"
)

const (
	// batchBytes is where a batch is handed to the host, which keeps each whole.
	// The host takes them out of its ring four times a second, or once there are
	// 51: larger ones wait longer, in more memory. 256 KiB instead of 1 MiB made
	// the agent a third faster, at less CPU (Kafka to null).
	batchBytes = 256 << 10
	// readyBatches is how many batches may wait for the host.
	readyBatches = 8
	// maxBuffers is how many large buffers are kept for small batches to grow in.
	maxBuffers = 4
)

// fillings are the batches that are being filled, by tag.
type fillings struct {
	byTag map[string]*delivery.Batch
	// of is the partition that was asked for last, batch its batch: messages of
	// a partition come in runs.
	of    delivery.Partition
	batch *delivery.Batch
}

// take takes a batch out.
func (f *fillings) take(b *delivery.Batch) {
	delete(f.byTag, b.Tag)
	f.batch = nil
}

// forget takes them all out.
func (f *fillings) forget() {
	clear(f.byTag)
	f.batch = nil
}

// batchFor returns the batch that takes a partition's records.
func (r *reader) batchFor(p delivery.Partition) *delivery.Batch {
	f := &r.filling
	if f.batch != nil && f.of == p {
		return f.batch
	}
	tag := r.tags.of(p)
	f.of, f.batch = p, f.byTag[tag]
	if f.batch == nil {
		f.batch = r.newBatch(tag)
		f.byTag[tag] = f.batch
	}
	return f.batch
}

// newBatch returns a batch with a buffer that takes all that it may grow to.
func (r *reader) newBatch(tag string) *delivery.Batch {
	b := r.ledger.Batch(tag)
	if cap(b.Events) >= batchBytes {
		return b
	}
	if n := len(r.buffers); n > 0 {
		b.Events, r.buffers = r.buffers[n-1], r.buffers[:n-1]
	} else {
		b.Events = make([]byte, 0, batchBytes+batchBytes/8)
	}
	return b
}

// fit puts a small batch into a buffer of its size, since it is kept until it is
// delivered. The large one is another batch's.
func (r *reader) fit(b *delivery.Batch) {
	if cap(b.Events) <= 2*len(b.Events) {
		return
	}
	if len(r.buffers) < maxBuffers && cap(b.Events) < 2*batchBytes {
		r.buffers = append(r.buffers, b.Events[:0])
	}
	b.Events = bytes.Clone(b.Events)
}

// handOverAll hands over every batch that is being filled, and those held that
// are due.
func (r *reader) handOverAll() {
	r.counts.enter()
	for _, b := range r.filling.byTag {
		r.filling.take(b)
		r.handOver(b)
	}
	for b := r.pace.due(); b != nil && !r.stopping(); b = r.pace.due() {
		r.handOver(b)
	}
}

// handOver gives a batch to Collect. While that takes none, because the host
// has paused the input or its buffer is full, the client goes on being polled:
// else the group would throw the member out after max.poll.interval.ms.
func (r *reader) handOver(b *delivery.Batch) {
	r.fit(b)
	if !r.ledger.Add(b, time.Now()) {
		return
	}
	select {
	case r.ready <- b:
		return
	default:
	}
	tick := time.NewTicker(idlePoll)
	defer tick.Stop()
	for {
		select {
		case r.ready <- b:
			return
		case <-tick.C:
			r.serve()
		case <-r.stop:
			return
		}
	}
}
