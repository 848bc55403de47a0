package e2e_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/tidegate/tidegate/test/harness"
)

// numbers counts how often each number of a load has come.
type numbers []int

// add takes the number that a JSON record has under n.
func (s numbers) add(record string) error {
	var r struct{ N *int }
	if err := json.Unmarshal([]byte(record), &r); err != nil {
		return fmt.Errorf("reading %q: %w", record, err)
	}
	if r.N == nil || *r.N < 0 || *r.N >= len(s) {
		return fmt.Errorf("no number of this load in %q", record)
	}
	s[*r.N]++
	return nil
}

// numbersOf counts all records; one that is not of the load fails the test.
func numbersOf(t *testing.T, count int, records []string) numbers {
	t.Helper()
	s := make(numbers, count)
	for _, record := range records {
		if err := s.add(record); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// missing is how many numbers have not come.
func (s numbers) missing() (n int) {
	for _, times := range s {
		if times == 0 {
			n++
		}
	}
	return n
}

// again is how many records came on top of the first of their number.
func (s numbers) again() (n int) {
	for _, times := range s {
		n += max(0, times-1)
	}
	return n
}

// once demands each number exactly once.
func (s numbers) once(t *testing.T) {
	t.Helper()
	if s.missing() > 0 || s.again() > 0 {
		t.Errorf("of %d numbers %d are missing, and %d records came again", len(s), s.missing(), s.again())
	}
}

// atLeastOnce demands each number, and prints how many came again.
func (s numbers) atLeastOnce(t *testing.T) {
	t.Helper()
	harness.Progress("%s: of %d numbers %d are missing, %d records came again", t.Name(), len(s), s.missing(), s.again())
	if s.missing() > 0 {
		t.Errorf("%d numbers of %d are missing", s.missing(), len(s))
	}
}
