package delivery_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tidegate/tidegate/common/delivery"
)

// world is a Kafka with one topic, an agent with one input and some outputs, and
// the truth about every record. It is what the ledger is held against.
type world struct {
	rng   *rand.Rand
	now   time.Time
	fault faults

	// Kafka.
	logs      [][]int64 // offsets by partition
	committed []int64

	// What is true of each record.
	delivered []map[record]bool // by output
	outputs   []string
	acked     []int // those that are waited for

	// once is whether each record is read once, so that it may be sent once.
	once     bool
	interval int // of the flushes
	ticks    int

	*process
	problem string
}

type record struct {
	partition int32
	offset    int64
}

// faults are what may happen, in percent.
type faults struct {
	filtered  int // of the records
	block     bool
	spread    int // of the records go into a chunk of their own
	ringLoss  int // of the appends
	ringFull  int
	retry     int // of the flushes
	partial   int // of the flushes that are retried deliver a part
	retries   int // before the chunk is dropped; 0 for no limit
	evict     int // of the chunks, before any flush
	silent    int // of the drops are not counted
	slow      int // of the flushes take longer than a tick
	rebalance int
	restart   int
	interval  int // ticks from flush to flush
	turns     int // flushes that an output sends at a time; 0 for no limit
	strip     bool
}

// process is what a restart starts anew.
type process struct {
	registry *delivery.Registry
	ledger   *delivery.Ledger
	sinks    []*delivery.Output
	position map[int32]int64
	assigned map[int32]*delivery.Assignment

	unappended []*delivery.Batch
	ring       []appended
	taken      int64
	chunks     []*agentChunk
	emitter    []*agentChunk // to be flushed later
	late       int           // ticks since it was
	flights    []*flight
	queued     []queued
	dropped    []int64 // records, by output
	failed     []int64 // chunks
	// sent has how often an output delivered a record since it was assigned.
	sent    []map[record]int
	overlap []map[record]bool
	lossy   bool // something was lost or retried
}

type appended struct {
	tag     string
	records []emitted
}

type emitted struct {
	record
	metadata []byte
}

// agentChunk is a chunk; tasks has its tries by output, -1 where it is done.
type agentChunk struct {
	tag     string
	records []emitted
	tasks   []int
	parts   [][]record // by output, delivered in flushes that asked for a retry
}

func newAgentChunk(tag string, records []emitted, outputs int) *agentChunk {
	return &agentChunk{tag: tag, records: records, tasks: make([]int, outputs), parts: make([][]record, outputs)}
}

// queued is a flush that waits for its turn.
type queued struct {
	chunk  *agentChunk
	output int
	waits  *delivery.Chunk
}

// flight is a flush under way.
type flight struct {
	chunk  *agentChunk
	output int
	to     *delivery.Chunk
	sends  []record
	ticks  int
	ok     bool
}

const (
	topic   = "logs"
	theSrc  = 77
	tick    = 500 * time.Millisecond
	someMem = 1 << 16
)

func newWorld(seed uint64, f faults, outputs, acked int) *world {
	w := &world{rng: rand.New(rand.NewPCG(seed, 1)), now: time.Unix(1_700_000_000, 0), fault: f}
	w.interval = f.interval
	w.once = f.rebalance+f.restart == 0 && !f.strip
	for range 3 {
		var log []int64
		offset := int64(w.rng.IntN(1000))
		for range 100 + w.rng.IntN(300) {
			offset++
			if w.percent(3) {
				offset += w.rng.Int64N(1 << 20) // compacted away
			}
			log = append(log, offset)
		}
		w.logs = append(w.logs, log)
		w.committed = append(w.committed, log[0])
	}
	for o := range outputs {
		w.outputs = append(w.outputs, fmt.Sprintf("out.%d", o))
		w.delivered = append(w.delivered, map[record]bool{})
	}
	for o := range acked {
		w.acked = append(w.acked, o)
	}
	w.start()
	return w
}

func (w *world) percent(p int) bool { return w.rng.IntN(100) < p }

func (w *world) fail(format string, args ...any) {
	if w.problem == "" {
		w.problem = fmt.Sprintf(format, args...)
	}
}

// start starts the agent. Chunks on disk may be there from before.
func (w *world) start() {
	var backlog []*agentChunk
	if w.process != nil && w.percent(50) {
		for _, c := range w.chunks {
			backlog = append(backlog, newAgentChunk(c.tag, c.records, len(w.outputs)))
		}
	}
	w.now = w.now.Add(time.Minute)
	n := len(w.outputs)
	p := &process{
		registry: delivery.NewRegistry(w.now),
		position: map[int32]int64{}, assigned: map[int32]*delivery.Assignment{},
		chunks: backlog, dropped: make([]int64, n), failed: make([]int64, n),
		sent: make([]map[record]int, n), overlap: make([]map[record]bool, n),
	}
	options := delivery.Options{Source: theSrc, MaxInFlight: someMem, Times: delivery.Times{LastResort: 30 * time.Minute}}
	if n > 1 {
		for _, o := range w.acked {
			options.AckFrom = append(options.AckFrom, w.outputs[o])
		}
	}
	p.ledger = delivery.NewLedger(p.registry, options)
	for o, name := range w.outputs {
		p.sinks = append(p.sinks, p.registry.Join("out", name))
		p.sent[o], p.overlap[o] = map[record]int{}, map[record]bool{}
	}
	w.process = p
	for id := range w.logs {
		w.assign(int32(id))
	}
	if err := p.ledger.Start(); err != nil {
		w.fail("starting: %v", err)
	}
}

func (w *world) assign(id int32) {
	w.assigned[id] = w.ledger.Assign(delivery.Partition{Topic: topic, ID: id})
	w.position[id] = w.committed[id]
	for o := range w.outputs {
		for r := range w.sent[o] {
			if r.partition == id {
				delete(w.sent[o], r)
			}
		}
	}
}

func (w *world) revoke(id int32) {
	offset, moved := w.ledger.Revoke(delivery.Partition{Topic: topic, ID: id})
	if moved && w.percent(70) { // else it was lost
		w.commit(delivery.Offset{Partition: delivery.Partition{Topic: topic, ID: id}, Next: offset})
	}
	delete(w.assigned, id)
}

// gone returns whether filters drop a record, the same each time it is read.
func (w *world) gone(r record) bool {
	if w.fault.block {
		return r.hash(40)%100 < uint64(w.fault.filtered)
	}
	return r.hash(1)%100 < uint64(w.fault.filtered)
}

func (r record) hash(block int64) uint64 {
	h := uint64(r.offset/block)*0x9e3779b97f4a7c15 + uint64(r.partition)*0xbf58476d1ce4e5b9
	h ^= h >> 31
	h *= 0x94d049bb133111eb
	return h >> 33
}
