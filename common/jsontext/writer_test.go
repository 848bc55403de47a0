package jsontext

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
)

// FuzzWriter: a Writer writes each map as Append does, whatever it wrote before and
// however much room there is, and its picks are the last values of their keys.
func FuzzWriter(f *testing.F) {
	f.Add([]byte("\x82\xa3key\xa1a\xa3key\xa1b\x81\xa3key\x81\xa5inner\xa1c\x81\xa5inner\xa1d"), uint8(0))
	f.Add([]byte("\x83\xac0123456789ab\x01\xad0123456789abc\x02\xd9\x03key\x03\x81\xa3k\"y\x01\x81\xc4\x03key\x01\x81\xa3k\xffy\x01\x81\xa0\xa0"), uint8(40))
	f.Add([]byte("\x82\xa3key\x81\xa5inner\x01\xa5inner\x02\x81\xa3key\x81\xa3key\x01"), uint8(1))
	f.Add([]byte("\x82\xaarequest_id\xa1a\xaarequest_ip\xa1b\x82\xaarequest_ip\xaf0123456789abcde\xaarequest_id\xaf0123456789abcde"), uint8(200))
	f.Add([]byte("\x81\x01\x02\x81\xc0\xc0\x81\x81\xa3key\x01\x02\x81\xa3key\x92\x01\x02\x80"), uint8(3))
	picked := []string{"key", "inner", "", "0123456789ab", "0123456789abc", "k\"y", "request_ip", "request_id"}
	f.Fuzz(func(t *testing.T, b []byte, room uint8) {
		if len(b) > 1<<12 {
			return
		}
		picks := chunk.NewPicks(picked...)
		var omit *Omit
		if room%2 == 1 {
			omit = &Omit{}
			omit.Add("inner")
			omit.Add("key", "inner")
		}
		w := NewWriter(omit, picks)
		for pass := range maxMisses + 1 {
			for left := b; len(left) > 0; {
				picks.Reset()
				dst := make([]byte, 2, 2+int(room))
				got, rest, err := w.AppendMap(dst, left)
				want, wantErr := AppendWithout(dst[:2:2], left, omit)
				if fmt.Sprint(err) != fmt.Sprint(wantErr) || err == nil && !bytes.Equal(got, want) {
					t.Fatalf("pass %d: got %q, %v; want %q, %v", pass, got, err, want, wantErr)
				}
				if err != nil {
					break
				}
				for i, key := range picked {
					values := slices.Collect(chunk.Values(left, key))
					if value := picks.Value(i); (value == nil) != (len(values) == 0) || value != nil && !bytes.Equal(value, values[len(values)-1]) {
						t.Fatalf("pass %d: picked %q of %q, want the last of %q", pass, value, key, values)
					}
				}
				if behind, err := chunk.Skip(left); err != nil || len(behind) != len(rest) {
					t.Fatalf("pass %d: %d bytes are left, want %d, %v", pass, len(rest), len(behind), err)
				}
				left = rest
			}
		}
	})
}

// Keys of one place do not drive each other out, and a key that is no longer written
// gives its place up.
func TestWriterKeepsKeys(t *testing.T) {
	w := NewWriter(nil, nil)
	same := map[*knownKey][]string{}
	var two []string
	for i := 0; len(two) < 2; i++ {
		key := fmt.Sprint("key", i)
		k, _, _ := w.slot(append(chunk.AppendString(nil, []byte(key)), make([]byte, keyRoom)...))
		same[k] = append(same[k], key)
		two = same[k]
	}
	known := func(key string) bool {
		b := append(chunk.AppendString(nil, []byte(key)), make([]byte, keyRoom)...)
		return w.find(make([]byte, 0, keyRoom), b) != nil
	}
	write := func(key string) {
		t.Helper()
		b := chunk.AppendString(chunk.AppendString(chunk.AppendMapHeader(nil, 1), []byte(key)), strings.Repeat("x", keyRoom))
		if out, _, err := w.AppendMap(make([]byte, 0, 100), b); err != nil || !strings.HasPrefix(string(out), `{"`+key) {
			t.Fatalf("got %s, %v", out, err)
		}
	}
	for range maxMisses - 1 {
		write(two[0])
		write(two[1])
	}
	if !known(two[0]) || known(two[1]) {
		t.Error("the second took the place of the first, which is still written")
	}
	for range maxMisses {
		write(two[1])
	}
	if known(two[0]) || !known(two[1]) {
		t.Error("the first kept its place, though it is no longer written")
	}
}

func TestDigits(t *testing.T) {
	f := func(v uint64) {
		t.Helper()
		if got, want := string(appendUint([]byte("-"), v)), fmt.Sprint("-", v); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		if v >= 1e6 {
			return
		}
		want := "." + fmt.Sprintf("%06d", v)
		want = want[:2] + strings.TrimRight(want[2:], "0")
		if got := string(appendFraction([]byte("."), v)); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	for v := range uint64(100_000) {
		f(v)
	}
	for power := uint64(1); power < 1e19; power *= 10 {
		f(power - 1)
		f(power)
		f(^uint64(0) / power)
	}
	for range 100_000 {
		f(rand.Uint64N(1e8))
		f(rand.Uint64N(1e6))
	}
}
