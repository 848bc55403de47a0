package outkafka

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/plugin"
)

// cpu is the time that this process has spent so far, the mock broker's
// included. On a machine that is shared it says more than the clock.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

const benchRecords = 5000

// perRecord runs f, which handles benchRecords records.
func perRecord(b *testing.B, size int, f func()) {
	b.SetBytes(int64(size))
	b.ReportAllocs()
	start, n := cpu(), 0
	for b.Loop() {
		f()
		n += benchRecords
	}
	b.ReportMetric(float64((cpu()-start).Nanoseconds())/float64(n), "cpu-ns/record")
}

// BenchmarkEncode: chunk to messages.
func BenchmarkEncode(b *testing.B) {
	data := sample(benchRecords)
	for name, settings := range map[string][]string{"plain": {"topic=t"}, "full": full} {
		b.Run(name, func(b *testing.B) {
			e := encoderOf(b, settings...)
			perRecord(b, len(data), func() {
				r := chunk.NewRecords(data)
				for r.Next() {
					if err := e.encode("tag", &r.Event); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// BenchmarkFlush: chunk to delivery reports of a mock broker in this process,
// by the number of headers.
func BenchmarkFlush(b *testing.B) {
	data := sample(benchRecords)
	for n, headers := range []string{"", "headers=source=edge"} {
		b.Run(fmt.Sprintf("headers=%d", n), func(b *testing.B) {
			cluster := startKafka(b, "t")
			o, _ := newTestOutput(b, "brokers="+cluster.BootstrapServers(), "topic=t", headers)
			perRecord(b, len(data), func() { flush(b, o, data, plugin.OK) })
		})
	}
}

// BenchmarkClient is what the client alone takes for messages of that size:
// Produce with one channel for all reports. What it has beside that is a batch
// call without timestamps and headers, which it does not export.
func BenchmarkClient(b *testing.B) {
	cluster := startKafka(b, "t")
	c := NewConfig()
	if err := parse(c, "brokers="+cluster.BootstrapServers(), "topic=t"); err != nil {
		b.Fatal(err)
	}
	conf := c.clientConfig()
	delete(conf, "go.logs.channel.enable")
	p, err := kafka.NewProducer(&conf)
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	topic := "t"
	m := kafka.Message{
		TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: kafka.PartitionAny},
		Value:          make([]byte, len(sample(1))),
		Timestamp:      time.Unix(0, someTime),
	}
	reports := make(chan kafka.Event, benchRecords)
	perRecord(b, benchRecords*len(m.Value), func() {
		for range benchRecords {
			if err := p.Produce(&m, reports); err != nil {
				b.Fatal(err)
			}
		}
		for range benchRecords {
			<-reports
		}
	})
}
