package outlogtide

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

var (
	sampleServices = []string{"checkout", "payment", "inventory", "search"}
	sampleLevels   = []string{"DEBUG", "info", "Warning"}
)

// sample returns a chunk of n records of about 300 bytes of JSON.
func sample(n int) (data []byte) {
	for i := range n {
		at := int64(1_700_000_000_000_000_000) + int64(i)*1_000_003
		data = chunk.AppendEventHeader(data, uint32(at/1e9), uint32(at%1e9))
		data = chunk.AppendMapHeader(data, 0)
		data = chunk.AppendMapHeader(data, 10)
		pair := func(key, value string) { data = chunk.AppendString(chunk.AppendString(data, key), value) }
		pair("timestamp", time.Unix(0, at).UTC().Format(time.RFC3339Nano))
		pair("service", sampleServices[i%len(sampleServices)])
		pair("level", sampleLevels[i/7%len(sampleLevels)])
		pair("message", fmt.Sprintf("handled request for /api/v1/orders/%d in region eu-central-1", i*104729%100000))
		pair("trace_id", fmt.Sprintf("%016x%016x", i*2654435761, i*40503))
		pair("host", fmt.Sprintf("node-%02d.example.internal", i%16))
		data = chunk.AppendString(data, "metadata")
		data = chunk.AppendMapHeader(data, 2)
		pair("method", "GET")
		data = chunk.AppendInt(chunk.AppendString(data, "status"), int64(200+i%5))
		data = chunk.AppendFloat64(chunk.AppendString(data, "duration"), float64(i*7919%100000)/1000)
		data = chunk.AppendInt(chunk.AppendString(data, "bytes"), int64(i*31337%1000000))
		data = chunk.AppendInt(chunk.AppendString(data, "n"), int64(i))
	}
	return data
}

// cpu is the time that this process has spent so far. On a machine that is
// shared it says more than the clock.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkRequests: chunks of 5,000 records to the bodies of requests.
func BenchmarkRequests(b *testing.B) {
	const records = 5000
	data := sample(records)
	batch := newBatch(newPlan(&NewConfig().sources))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	start := cpu()
	n := 0
	for b.Loop() {
		encode(batch, data)
		n += records
	}
	b.ReportMetric(float64((cpu()-start).Nanoseconds())/float64(n), "cpu-ns/record")
}

func encode(b *batch, data []byte) {
	var t settled
	read(b, data, &t)
	for rest := b.entries; len(rest) > 0; {
		n := cut(rest, maxBatchSize)
		b.request(rest[:n])
		rest = rest[n:]
	}
	b.reset()
}

// A record costs no allocation once the buffers have grown, a flush a few.
func TestNoAllocations(t *testing.T) {
	b := newBatch(newPlan(&NewConfig().sources))
	allocations := func(records int) float64 {
		data := sample(records)
		encode(b, data)
		return testing.AllocsPerRun(20, func() { encode(b, data) })
	}
	if few, many := allocations(20), allocations(400); many > few {
		t.Errorf("%v allocations for 20 records, %v for 400", few, many)
	}
}
