package main

import (
	"testing"
	"time"
)

func TestSpread(t *testing.T) {
	f := func(values []float64, want spread) {
		t.Helper()
		if got := spreadOf(values); got != want {
			t.Errorf("spread of %v: got %+v, want %+v", values, got, want)
		}
	}
	f(nil, spread{})
	f([]float64{3}, spread{3, 3, 3})
	f([]float64{9, 1, 4}, spread{4, 1, 9})
	f([]float64{1, 2, 4, 10}, spread{3, 1, 10})
}

func TestQuantile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(100 - i)
	}
	f := func(values []time.Duration, q float64, want time.Duration) {
		t.Helper()
		if got := quantile(values, q); got != want {
			t.Errorf("quantile %v of %d values: got %d, want %d", q, len(values), got, want)
		}
	}
	f(nil, 0.5, 0)
	f(hundred, 0, 1)
	f(hundred, 0.5, 50)
	f(hundred, 0.99, 99)
	f(hundred, 0.991, 100)
	f(hundred, 1, 100)
	f([]time.Duration{7}, 0.5, 7)
}
