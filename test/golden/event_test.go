package golden_test

import (
	"encoding/binary"
	"fmt"
	"math/big"
)

// event is one record of a chunk, with the maps that opened its group.
type event struct {
	time                     string // Unix seconds, a dot, nine digits
	metadata, body           table  // metadata is nil in an event of format 1
	groupMetadata, groupBody table  // nil outside of groups
}

// decodeChunk reads all events. The error of one that is not whole yet comes with those before it.
func decodeChunk(b []byte) (events []event, open bool, err error) {
	d := &decoder{b: b}
	var group event
	for len(d.b) > 0 {
		v, err := d.decode()
		if err != nil {
			return events, open, err
		}
		root, ok := v.(list)
		if !ok || len(root) != 2 {
			return events, open, fmt.Errorf("an event is %v", v)
		}
		var e event
		time := root[0]
		if header, ok := time.(list); ok {
			time, e.metadata = header[0], header[1].(table)
		}
		e.body = root[1].(table)
		var seconds int64
		if seconds, e.time, err = decodeTime(time); err != nil {
			return events, open, err
		}
		switch seconds {
		case -1:
			group, open = e, true
		case -2:
			group, open = event{}, false
		default:
			e.groupMetadata, e.groupBody = group.metadata, group.body
			events = append(events, e)
		}
	}
	return events, open, nil
}

// decodeTime reads a timestamp of any form. The seconds of an extension are signed here: those of a marker are negative.
func decodeTime(v any) (seconds int64, text string, err error) {
	form := func(seconds, nanos int64) string { return fmt.Sprintf("%d.%09d", seconds, nanos) }
	switch v := v.(type) {
	case uint64:
		return int64(v), form(int64(v), 0), nil
	case int64:
		return v, form(v, 0), nil
	case float32:
		return decodeTime(float64(v))
	case float64:
		// Exactly what the float holds, cut after nine digits.
		f, _ := big.NewFloat(v).Rat(nil)
		nanos := new(big.Int).Div(new(big.Int).Mul(f.Num(), big.NewInt(1e9)), f.Denom()).Int64()
		return nanos / 1e9, form(nanos/1e9, nanos%1e9), nil
	case ext:
		if v.kind != 0 || len(v.data) != 8 {
			return 0, "", fmt.Errorf("a timestamp is %v", v)
		}
		seconds = int64(int32(binary.BigEndian.Uint32(v.data)))
		return seconds, form(seconds, int64(binary.BigEndian.Uint32(v.data[4:]))), nil
	default:
		return 0, "", fmt.Errorf("a timestamp is %v", v)
	}
}
