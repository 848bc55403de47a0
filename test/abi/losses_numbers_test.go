package abi_test

import (
	"regexp"
	"strconv"
	"testing"
)

// numbers counts how often each number arrived.
type numbers map[int]int

// numberIn finds the probe's number in a line of either host's outputs.
var numberIn = regexp.MustCompile(`"n":(\d+),"pad"`)

func numbersIn(t *testing.T, text string) numbers {
	t.Helper()
	found := numbers{}
	for _, m := range numberIn.FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		found[n]++
	}
	return found
}

// expect demands each number from first to last once, and no other.
func (s numbers) expect(t *testing.T, first, last int) {
	t.Helper()
	for n := first; n <= last; n++ {
		if s[n] != 1 {
			t.Errorf("number %d arrived %d times", n, s[n])
		}
	}
	if len(s) != last-first+1 {
		t.Errorf("%d numbers arrived, want those from %d to %d", len(s), first, last)
	}
}
