package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// usage is what an agent holds of the system at one time.
type usage struct {
	threads, descriptors int
	rss                  int // KiB
}

func (u usage) String() string {
	return fmt.Sprintf("%d threads, %d descriptors, %d KiB", u.threads, u.descriptors, u.rss)
}

func (a agent) usage(t *testing.T) usage {
	t.Helper()
	dir := filepath.Join("/proc", strconv.Itoa(a.pid))
	count := func(name string) int {
		entries, err := os.ReadDir(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(status, []byte("VmRSS:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		t.Fatalf("no VmRSS in %s", status)
	}
	rss, err := strconv.Atoi(string(fields[0]))
	if err != nil {
		t.Fatal(err)
	}
	return usage{threads: count("task"), descriptors: count("fd"), rss: rss}
}

// middle gives the median of one number of some usages: one that was taken in a bad moment
// does not count.
func middle(all []usage, number func(usage) int) int {
	values := make([]int, len(all))
	for i, u := range all {
		values[i] = number(u)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

const (
	rss = "KiB of RSS"
	// rssNeeds is how many reloads it takes until what the allocator keeps can be told from
	// what is lost.
	rssNeeds = 20
)

// checkSteady demands that the last part of a series of usages holds no more than the second
// one. The first is not asked: pools fill, the allocator keeps what it was given.
func checkSteady(t *testing.T, series []usage) {
	t.Helper()
	part := max(1, len(series)/4)
	early, late := series[part:2*part], series[len(series)-part:]
	for name, c := range map[string]struct {
		number  func(usage) int
		noise   int
		percent int
	}{
		"threads":     {func(u usage) int { return u.threads }, 3, 0}, // Go starts one where another hangs in a call
		"descriptors": {func(u usage) int { return u.descriptors }, 3, 0},
		// It swings by 30 MB under this load, and comes back: at rest, 30 reloads of a
		// tidegate_kafka input end where the tenth did. A leak of one MB at each is seen.
		rss: {func(u usage) int { return u.rss }, 0, 40},
	} {
		was, is := middle(early, c.number), middle(late, c.number)
		if name == rss && len(series) < rssNeeds {
			t.Logf("%d %s, after %d in the beginning", is, name, was)
			continue
		}
		if is > was+c.noise+was*c.percent/100 {
			t.Errorf("%d %s, after %d in the beginning", is, name, was)
		}
	}
}
