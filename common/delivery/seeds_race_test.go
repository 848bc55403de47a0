//go:build race

package delivery_test

// The model is one goroutine, and ten times slower with the race detector.
const defaultSeeds = 180
