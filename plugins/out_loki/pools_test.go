//go:build !race

package outloki

const forgotten = 0
