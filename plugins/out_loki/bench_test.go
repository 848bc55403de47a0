package outloki

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
	"github.com/tidegate/tidegate/common/plugin"
)

var (
	sampleServices = []string{"checkout", "payment", "inventory", "search"}
	sampleLevels   = []string{"debug", "info", "warn"}
)

// sampleEnd is after the records of a sample, as when they are sent.
var sampleEnd = time.Unix(1_700_000_060, 0)

// sample returns a chunk of n records of about 300 bytes of JSON.
func sample(n int) (data []byte) {
	for i := range n {
		at := int64(1_700_000_000_000_000_000) + int64(i)*1_000_003
		data = chunk.AppendEventHeader(data, uint32(at/1e9), uint32(at%1e9))
		data = chunk.AppendMapHeader(data, 0)
		data = chunk.AppendMapHeader(data, 10)
		pair := func(key, value string) { data = chunk.AppendString(chunk.AppendString(data, key), value) }
		pair("ts", time.Unix(0, at).UTC().Format(time.RFC3339Nano))
		pair("service", sampleServices[i%len(sampleServices)])
		pair("level", sampleLevels[i/7%len(sampleLevels)])
		pair("message", fmt.Sprintf("handled request for /api/v1/orders/%d in region eu-central-1", i*104729%100000))
		pair("trace_id", fmt.Sprintf("%016x%016x", i*2654435761, i*40503))
		pair("host", fmt.Sprintf("node-%02d.example.internal", i%16))
		pair("method", "GET")
		data = chunk.AppendInt(chunk.AppendString(data, "status"), int64(200+i%5))
		data = chunk.AppendFloat64(chunk.AppendString(data, "duration"), float64(i*7919%100000)/1000)
		data = chunk.AppendInt(chunk.AppendString(data, "bytes"), int64(i*31337%1000000))
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

const benchmarkRecords = 5000

// benchmarkEncode encodes chunks of so many records, up to what upTo does.
func benchmarkEncode(b *testing.B, upTo func(*batch)) {
	benchmarkChunk(b, sample(benchmarkRecords), upTo, "label_keys=service,level")
}

func benchmarkChunk(b *testing.B, data []byte, upTo func(*batch), settings ...string) {
	p, limits := planOf(b, settings...)
	batch := newBatch(p)
	labels := &labelLimits{limits: limits, budget: newCardinality(limits, slog.New(slog.DiscardHandler), nil)}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	start := cpu()
	n := 0
	for b.Loop() {
		readWith(batch, data, limits, labels, sampleEnd)
		upTo(batch)
		batch.reset()
		n += benchmarkRecords
	}
	b.ReportMetric(float64((cpu()-start).Nanoseconds())/float64(n), "cpu-ns/record")
}

// BenchmarkEncode: chunk to encoded entries.
func BenchmarkEncode(b *testing.B) { benchmarkEncode(b, func(*batch) {}) }

// BenchmarkPush: chunk to compressed pushes.
func BenchmarkPush(b *testing.B) {
	packed, raw := 0, 0
	limits := defaultLimits()
	m, k := newMemory(&limits), &packer{}
	benchmarkEncode(b, func(batch *batch) {
		for _, p := range pushesAt(batch, m, defaultBatchSize, sampleEnd) {
			packed += len(k.pack(batch, p.entries))
			raw += len(k.raw)
		}
	})
	b.ReportMetric(float64(packed)/float64(raw), "packed/raw")
}

// BenchmarkFlush is the whole way with the default limits, to a server beside:
// its CPU counts too. Records of days ago go stream by stream.
func BenchmarkFlush(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	for name, age := range map[string]time.Duration{"fresh": 0, "replay": 3 * 24 * time.Hour} {
		b.Run(name, func(b *testing.B) {
			const records = 5000
			// A rate that no benchmark reaches.
			o, _ := newLimitedOutput(b, "url="+server.URL, "label_keys=service,level", "max_stream_rate=1Gi", "max_stream_burst=1Gi")
			data, begun := sample(records), time.Now()
			o.now = func() time.Time { return sampleEnd.Add(age + time.Since(begun)) }
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			start, n := cpu(), 0
			for b.Loop() {
				if r := o.Flush(b.Context(), "tag", data); r != plugin.OK {
					b.Fatal(r)
				}
				n += records
			}
			b.ReportMetric(float64((cpu()-start).Nanoseconds())/float64(n), "cpu-ns/record")
		})
	}
}

// unparsed returns a chunk of the same records as lines of JSON that no parser
// has seen.
func unparsed(b *testing.B, n int) (data []byte) {
	all := chunk.NewRecords(sample(n))
	for all.Next() {
		line, err := jsontext.Append(nil, all.Event.Body)
		if err != nil {
			b.Fatal(err)
		}
		data = appendRecord(data, all.Event.Time, "log", string(line))
	}
	return data
}

// BenchmarkForms: chunk to compressed pushes, with what else can be asked for.
func BenchmarkForms(b *testing.B) {
	limits := defaultLimits()
	m, k := newMemory(&limits), &packer{}
	pack := func(batch *batch) {
		for _, p := range pushesAt(batch, m, defaultBatchSize, sampleEnd) {
			k.pack(batch, p.entries)
		}
	}
	parsed, lines := sample(benchmarkRecords), unparsed(b, benchmarkRecords)
	for _, f := range []struct {
		name     string
		data     []byte
		settings []string
	}{
		{"labels", parsed, []string{"label_keys=service,level"}},
		{"text", lines, []string{"labels=$log['service'],$log['level']", "line_format=raw", "line_key=log"}},
		{"logfmt", parsed, []string{"label_keys=service,level", "line_format=logfmt"}},
		{"template", parsed, []string{"labels=name=$service/$level", "line_format=template", "line_template=$level $message"}},
		{"metadata", parsed, []string{"label_keys=service,level", "structured_metadata=$host,$method", "trace_id=$trace_id"}},
		{"removed", parsed, []string{"label_keys=service,level", "remove_label_keys=on", "normalize_level=on"}},
		{"tenants", parsed, []string{"label_keys=level", "tenant_id_key=$service"}},
	} {
		b.Run(f.name, func(b *testing.B) { benchmarkChunk(b, f.data, pack, f.settings...) })
	}
}
