package outloki

import (
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
	"github.com/tidegate/tidegate/common/labels"
)

// pairsOf returns the pairs of a map as labels whose names are its keys, none
// for what is no map. A null has no value.
func pairsOf(m []byte) ([]labels.Label, error) {
	var pairs []labels.Label
	err := eachPair(m, func(key, value []byte) error {
		name, err := jsontext.AppendText(nil, key)
		if err != nil {
			return err
		}
		l := labels.Label{Name: string(name)}
		if !isNil(value) {
			l.Value, err = jsontext.AppendText(nil, value)
		}
		pairs = append(pairs, l)
		return err
	})
	return pairs, err
}

// eachPair calls f with the raw msgpack of every pair of a map, and with none
// if m is anything else.
func eachPair(m []byte, f func(key, value []byte) error) error {
	if chunk.KindOf(m) != chunk.Map {
		return nil
	}
	n, b, err := chunk.ReadMapHeader(m)
	for ; err == nil && n > 0; n-- {
		var key, value []byte
		if key, b, err = chunk.ReadValueZC(b); err != nil {
			return err
		}
		if value, b, err = chunk.ReadValueZC(b); err != nil {
			return err
		}
		err = f(key, value)
	}
	return err
}
