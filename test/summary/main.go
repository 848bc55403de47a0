// Summary reads the JSON stream of go test on its input and writes what a person wants
// to know: a line for each package as it ends, slow tests and the harness's progress as
// they happen, failures in full, and at the end what ran, on which host, what was
// skipped and why, and the numbers. It exits with 1 if anything failed or nothing ran.
package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	r := newReport(os.Stdout)
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			r.take(line)
		}
		if err != nil {
			break
		}
	}
	if err := r.finish(); err != nil {
		fmt.Fprintln(os.Stderr, "make test:", err)
		os.Exit(1)
	}
}
