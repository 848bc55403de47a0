package avropack

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

// logical reads a value of a logical type and appends its text.
func (t *Transcoder) logical(n *node) error {
	switch n.kind {
	case kindDate:
		days, err := t.readInt()
		if err != nil {
			return err
		}
		t.appendDay(days)
	case kindTimeMillis:
		v, err := t.readInt()
		if err != nil {
			return err
		}
		t.appendTimeOfDay(v, time.Millisecond)
	case kindTimeMicros:
		v, err := t.readLong()
		if err != nil {
			return err
		}
		t.appendTimeOfDay(v, time.Microsecond)
	case kindTimestamp, kindLocalTimestamp:
		v, err := t.readLong()
		if err != nil {
			return err
		}
		t.appendTimestamp(v, n)
	case kindDecimal:
		data, err := t.readBytes()
		if err != nil {
			return err
		}
		return t.appendDecimal(data, n.scale)
	default:
		data, err := t.take(n.size)
		if err != nil {
			return err
		}
		return t.fixedLogical(n, data)
	}
	return nil
}

// fixedLogical appends a value of a logical type that a fixed carries.
func (t *Transcoder) fixedLogical(n *node, data []byte) error {
	switch n.kind {
	case kindFixedDecimal:
		return t.appendDecimal(data, n.scale)
	case kindUUID:
		t.appendUUID(data)
	default:
		t.appendDuration(data)
	}
	return nil
}

// appendUUID appends 16 bytes in RFC 9562's groups.
func (t *Transcoder) appendUUID(data []byte) {
	var room [36]byte
	text := room[:0]
	for i, end := range []int{4, 6, 8, 10, 16} {
		start := []int{0, 4, 6, 8, 10}[i]
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, data[start:end])
	}
	t.dst = chunk.AppendString(t.dst, text)
}

// appendDuration appends months, days and milliseconds, 32 bits each from the
// lowest byte, in the form of ISO 8601.
func (t *Transcoder) appendDuration(data []byte) {
	months := binary.LittleEndian.Uint32(data)
	days := binary.LittleEndian.Uint32(data[4:])
	millis := binary.LittleEndian.Uint32(data[8:])
	var room [48]byte
	text := append(room[:0], 'P')
	if months > 0 {
		text = append(strconv.AppendUint(text, uint64(months), 10), 'M')
	}
	if days > 0 {
		text = append(strconv.AppendUint(text, uint64(days), 10), 'D')
	}
	if millis > 0 || len(text) == 1 {
		text = strconv.AppendUint(append(text, 'T'), uint64(millis/1000), 10)
		if rest := millis % 1000; rest > 0 {
			text = appendDigits(append(text, '.'), int64(rest), 3)
		}
		text = append(text, 'S')
	}
	t.dst = chunk.AppendString(t.dst, text)
}
