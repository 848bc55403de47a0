package inkafka

import (
	"errors"
	"fmt"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsonpack"
)

const (
	// maxDepth bounds the nesting of a payload, whatever its format.
	maxDepth = jsonpack.MaxDepth
	// maxMembers bounds the members of a payload: the pairs of all objects and
	// the elements of all arrays in it, at any depth. The host makes 24 to 48
	// bytes of each one while it decodes, so without a bound a message of 16 MiB
	// would take 200 to 400 there.
	maxMembers = 100_000
)

var (
	errDepth    = jsonpack.ErrDepth
	errMembers  = fmt.Errorf("more than %d members and elements", maxMembers)
	errTrailing = errors.New("reading msgpack: bytes after the end of the value")
	errMapKey   = errors.New("reading msgpack: the key of a map is a map or an array")
)

// checkValue reports what is wrong with b, which should be one msgpack value
// within the limits. Where it is no msgpack that is the problem is.
//
// It takes no more memory for a value that is nested deeply.
func checkValue(b []byte, is problem) (problem, error) {
	// open are the containers around the value that is read next, each as the
	// number of values that are still to come in it, and keyed those that are
	// maps.
	var open [maxDepth]int
	var keyed [maxDepth]bool
	depth, members := 0, 0
	for {
		n, rest, kind, err := readHeader(b)
		switch {
		case err != nil:
			return is, fmt.Errorf("reading msgpack: %w", err)
		case kind == chunk.Array || kind == chunk.Map:
			if depth > 0 && keyed[depth-1] && open[depth-1]%2 == 0 {
				return is, errMapKey
			}
			if depth == maxDepth {
				return tooDeep, errDepth
			}
			if members += n; members > maxMembers {
				return tooManyMembers, errMembers
			}
			if open[depth], keyed[depth] = n, kind == chunk.Map; keyed[depth] {
				open[depth] = 2 * n
			}
			depth++
		case depth > 0:
			open[depth-1]--
		}
		b = rest
		// What ends with this value is a value of what is around it.
		for depth > 0 && open[depth-1] == 0 {
			if depth--; depth > 0 {
				open[depth-1]--
			}
		}
		if depth == 0 {
			break
		}
	}
	if len(b) > 0 {
		return is, errTrailing
	}
	return noProblem, nil
}

// readHeader reads the value at the front of b, of a container only the
// header, and the number of its members.
func readHeader(b []byte) (n int, rest []byte, kind chunk.Kind, err error) {
	switch kind = chunk.KindOf(b); kind {
	case chunk.Array:
		n, rest, err = chunk.ReadArrayHeader(b)
	case chunk.Map:
		n, rest, err = chunk.ReadMapHeader(b)
	default:
		rest, err = chunk.Skip(b)
	}
	return n, rest, kind, err
}
