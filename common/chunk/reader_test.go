package chunk

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"
)

// fromHex reads bytes as hex with spaces.
func fromHex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readAll(b []byte) (events []Event, err error) {
	r := NewReader(b)
	for ev := (Event{}); r.Next(&ev); {
		events = append(events, ev)
	}
	return events, r.Err()
}

func TestReaderTakesEveryFormat(t *testing.T) {
	const body = "81 a1 61 01" // {"a":1}
	f := func(name, event string, wantTime int64, wantMetadata string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			events, err := readAll(fromHex(t, event))
			if err != nil || len(events) != 1 {
				t.Fatalf("got %d events, error %v", len(events), err)
			}
			got := events[0]
			if got.Time != wantTime || !bytes.Equal(got.Metadata, fromHex(t, wantMetadata)) || !bytes.Equal(got.Body, fromHex(t, body)) {
				t.Errorf("got time %d, metadata %x, body %x", got.Time, got.Metadata, got.Body)
			}
		})
	}
	f("event time in fixext8", "92 92 d7 00 00000005 00000007 80"+body, 5_000_000_007, "80")
	f("event time in ext8", "92 92 c7 08 00 00000005 00000007 80"+body, 5_000_000_007, "80")
	f("metadata", "92 92 d7 00 00000005 00000007 81 a1 6b c0"+body, 5_000_000_007, "81 a1 6b c0")
	f("long headers", "dc 0002 dd 00000002 05 df 00000000"+body, 5_000_000_000, "df 00000000")
	f("no header", "92 05"+body, 5_000_000_000, "")
	f("no header, event time", "92 d7 00 00000005 00000007"+body, 5_000_000_007, "")
	f("uint8", "92 cc ff"+body, 255_000_000_000, "")
	f("uint16", "92 cd 0100"+body, 256_000_000_000, "")
	f("uint32", "92 ce 80000000"+body, 2_147_483_648_000_000_000, "")
	f("uint64", "92 cf 0000000000000001"+body, 1_000_000_000, "")
	f("positive int64", "92 d3 0000000000000001"+body, 1_000_000_000, "")
	f("float32", "92 ca 3fc00000"+body, 1_500_000_000, "")
	f("float64", "92 cb 3ff8000000000000"+body, 1_500_000_000, "")
	f("float of zero", "92 cb 8000000000000000"+body, 0, "")
	f("last event time that is no marker", "92 d7 00 fffffffd 00000000"+body, 4_294_967_293_000_000_000, "")
	f("event time that is a marker but for its nanoseconds", "92 d7 00 ffffffff 00000001"+body, 4_294_967_295_000_000_001, "")
}

func TestReaderNamesWhatIsWrong(t *testing.T) {
	const good = "92 05 80"
	f := func(name, event string, offset int, want error, resumes bool) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			b := fromHex(t, good+event)
			if resumes {
				b = append(b, fromHex(t, good)...)
			}
			r := NewReader(b)
			var ev Event
			if !r.Next(&ev) {
				t.Fatalf("the good event in front is lost: %v", r.Err())
			}
			if r.Next(&ev) {
				t.Fatal("the bad event was returned")
			}
			var got *EventError
			if !errors.As(r.Err(), &got) {
				t.Fatalf("got error %v", r.Err())
			}
			if got.Event != 3 || got.Offset != 3+offset || !errors.Is(got, want) {
				t.Errorf("got event %d, offset %d, %v; want 3, %d, %v", got.Event, got.Offset, got.Err, 3+offset, want)
			}
			if r.Resume() != resumes {
				t.Fatalf("Resume returned %v", !resumes)
			}
			if resumes && (!r.Next(&ev) || r.Next(&ev) || r.Err() != nil) {
				t.Errorf("the good event behind is lost: %v", r.Err())
			}
		})
	}
	f("integer", "01", 0, errEvent, true)
	f("map", "80", 0, errEvent, true)
	f("array of one", "91 05", 0, errEvent, true)
	f("array of three", "93 05 80 80", 0, errEvent, true)
	f("header of one", "92 91 05 80", 1, errHeader, true)
	f("header of three", "92 93 05 80 80 80", 1, errHeader, true)
	f("string as timestamp", "92 a1 35 80", 1, errTimeKind, true)
	f("nil as timestamp", "92 92 c0 80 80", 2, errTimeKind, true)
	f("ext of another type", "92 d7 01 00000005 00000007 80", 1, errTimeKind, true)
	f("ext of another size", "92 d6 00 00000005 80", 1, errTimeKind, true)
	f("too many nanoseconds", "92 d7 00 00000005 3b9aca00 80", 1, errTimeNanos, true)
	f("negative number", "92 ff 80", 1, errTimeRange, true)
	f("negative int64", "92 d3 fffffffffffffffe 80", 1, errTimeRange, true)
	f("negative float", "92 cb bff0000000000000 80", 1, errTimeRange, true)
	f("far future in int64", "92 d3 7fffffffffffffff 80", 1, errTimeRange, true)
	f("far future", "92 cf ffffffffffffffff 80", 1, errTimeRange, true)
	f("not a number", "92 cb 7ff8000000000000 80", 1, errTimeRange, true)
	f("negative fraction", "92 cb bfe0000000000000 80", 1, errTimeRange, true)
	f("array as metadata", "92 92 05 90 80", 3, errMetadata, true)
	f("string as body", "92 05 a1 61", 2, errBody, true)
	f("nil as body", "92 92 05 80 c0", 4, errBody, true)
	f("invalid byte", "c1", 0, ErrInvalidByte, false)
	f("invalid byte inside", "92 05 81 a1 61 c1", 5, ErrInvalidByte, false)
	f("cut in the header", "92", 0, ErrTruncated, false)
	f("cut in the timestamp", "92 92 d7 00 0000", 6, ErrTruncated, false)
	f("cut in the body", "92 05 81 a5 61", 5, ErrTruncated, false)
	f("promise of a gigabyte", "92 05 c6 40000000 00", 2, ErrTruncated, false)
	f("promise of a huge map", "92 05 df ffffffff 80", 8, ErrTruncated, false)
	f("promise of a huge event", "dd ffffffff 05 80", 0, ErrTruncated, false)
}

func TestReaderDoesNotAllocate(t *testing.T) {
	for name, b := range goldens(t) {
		pairs := 0
		allocs := testing.AllocsPerRun(20, func() {
			r := NewReader(b)
			for ev := (Event{}); r.Next(&ev); {
				for n, rest, _ := ReadMapHeader(ev.Body); n > 0; n-- {
					_, rest, _ = ReadKeyZC(rest)
					_, rest, _ = ReadValueZC(rest)
					pairs++
				}
				for range Values(ev.Metadata, "kafka") {
					pairs++
				}
			}
		})
		if allocs != 0 || pairs == 0 {
			t.Errorf("%s: %v allocations, %d pairs", name, allocs, pairs)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	one, err := os.ReadFile("testdata/plain.msgpack")
	if err != nil {
		b.Fatal(err)
	}
	data := bytes.Repeat(one, 1000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	events := 0
	for b.Loop() {
		r := NewReader(data)
		for ev := (Event{}); r.Next(&ev); {
			events++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/record")
}
