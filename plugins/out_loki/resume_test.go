package outloki

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
)

// A retry sends what is left, whatever the server did to the flushes before:
// each entry is taken once, though pushes are split, refused for good, or have
// to wait anywhere in between.
func TestRetryGoesOn(t *testing.T) {
	var data []byte
	const records = 120
	for i := range records {
		data = appendRecord(data, int64(i/3)*1e9, "app", fmt.Sprint("s", i%7), "m", fmt.Sprint(i))
	}
	replies := []lokiReply{{status: 204}, {status: 204}, {status: 503}, {429, "slow down", nil}, {413, "", nil}, {400, badText, nil}}
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 0))
		taken, refused := map[string]int{}, 0
		var mu sync.Mutex
		server := startLoki(t, func(push []stream) lokiReply {
			mu.Lock()
			defer mu.Unlock()
			reply := replies[random.IntN(len(replies))]
			lines := 0
			for _, s := range push {
				lines += len(s.lines)
				for _, l := range s.lines {
					if reply.status == 204 {
						taken[l.text]++
					}
				}
			}
			if reply.status == 413 && lines == 1 || reply.status == 400 && len(push) == 1 {
				refused += lines
			}
			return reply
		})
		o, _ := newTestOutput(t, "url="+server.URL, "label_keys=app", "batch_size=1Ki")
		result := plugin.Retry
		for try := 0; result == plugin.Retry && try < 1000; try++ {
			result = o.Flush(t.Context(), "tag", bytes.Clone(data))
		}
		if result != plugin.OK {
			t.Fatalf("seed %d: got %v", seed, result)
		}
		for text, n := range taken {
			if n != 1 {
				t.Fatalf("seed %d: %s was taken %d times", seed, text, n)
			}
		}
		if len(taken)+refused != records || metric.Sum(o.report.counts.Delivered) != int64(len(taken)) || o.report.rejected.Total() != int64(refused) {
			t.Fatalf("seed %d: %d taken, %d refused of %d; counted %d and %d", seed, len(taken), refused, records,
				metric.Sum(o.report.counts.Delivered), o.report.rejected.Total())
		}
	}
}

// badText is Loki's refusal of a push for the labels of one stream.
const badText = "couldn't parse labels: 1:2: parse error"
