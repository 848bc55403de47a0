//go:build !race

package delivery_test

const defaultSeeds = 1800
