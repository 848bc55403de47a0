package avropack

import (
	"encoding/base64"

	"github.com/tidegate/tidegate/common/chunk"
)

// value reads a value of type n and appends it.
func (t *Transcoder) value(n *node) error {
	switch n.kind {
	case kindNull:
		t.dst = chunk.AppendNil(t.dst)
		return nil
	case kindBoolean:
		return t.boolean()
	case kindInt:
		v, err := t.readInt()
		t.dst = chunk.AppendInt(t.dst, v)
		return err
	case kindLong:
		v, err := t.readLong()
		t.dst = chunk.AppendInt(t.dst, v)
		return err
	case kindFloat:
		return t.float()
	case kindDouble:
		return t.double()
	case kindString:
		text, err := t.readBytes()
		t.dst = chunk.AppendString(t.dst, text)
		return err
	case kindBytes:
		data, err := t.readBytes()
		t.base64(data)
		return err
	case kindFixed:
		data, err := t.take(n.size)
		t.base64(data)
		return err
	case kindEnum:
		return t.enum(n)
	case kindUnion:
		return t.union(n)
	case kindRecord, kindArray, kindMap:
		return t.container(n)
	default:
		return t.logical(n)
	}
}

func (t *Transcoder) base64(data []byte) {
	t.scratch = base64.StdEncoding.AppendEncode(t.scratch[:0], data)
	t.dst = chunk.AppendString(t.dst, t.scratch)
}

func (t *Transcoder) enum(n *node) error {
	i, err := t.readInt()
	if err != nil {
		return err
	}
	if i < 0 || i >= int64(len(n.symbols)) {
		return errSymbol
	}
	t.dst = append(t.dst, n.symbols[i]...)
	return nil
}

// union reads a union, whose branches are no unions: this does not nest.
func (t *Transcoder) union(n *node) error {
	i, err := t.readLong()
	if err != nil {
		return err
	}
	if i < 0 || i >= int64(len(n.branches)) {
		return errBranch
	}
	return t.value(n.branches[i])
}

func (t *Transcoder) container(n *node) error {
	if t.depth == MaxDepth {
		return ErrDepth
	}
	t.depth++
	var err error
	switch n.kind {
	case kindRecord:
		err = t.recordOf(n)
	default:
		err = t.blocks(n)
	}
	t.depth--
	return err
}

func (t *Transcoder) recordOf(n *node) error {
	t.dst = append(t.dst, n.header...)
	for i := range n.fields {
		f := &n.fields[i]
		before := t.pos
		t.dst = append(t.dst, f.key...)
		err := t.value(f.node)
		if err == nil && t.pos == before {
			err = t.countFree()
		}
		if err != nil {
			if t.field == "" {
				t.record, t.field = n.name, f.name
			}
			return err
		}
	}
	return nil
}

// blocks reads an array or a map: blocks of values, each with their number
// before them, until one of none.
//
// The number of all is known only at the end, and writers nearly always make
// one block. So its number goes into the header, which is put right where
// others followed.
func (t *Transcoder) blocks(n *node) error {
	count, err := t.readCount()
	if err != nil {
		return err
	}
	at, first, total := len(t.dst), count, 0
	t.dst = appendHeader(t.dst, n.kind, first)
	body := len(t.dst)
	for count > 0 {
		if err := t.block(n, count); err != nil {
			return err
		}
		total += count
		if count, err = t.readCount(); err != nil {
			return err
		}
	}
	if total != first {
		t.dst = replaceHeader(t.dst, n.kind, at, body, total)
	}
	return nil
}

func (t *Transcoder) block(n *node, count int) error {
	for range count {
		before := t.pos
		if n.kind == kindMap {
			key, err := t.readBytes()
			if err != nil {
				return err
			}
			t.dst = chunk.AppendString(t.dst, key)
		}
		if err := t.value(n.items); err != nil {
			return err
		}
		if t.pos == before {
			if err := t.countFree(); err != nil {
				return err
			}
		}
		if len(t.dst)-t.start > maxOutput {
			return ErrTooLarge
		}
	}
	return nil
}

// countFree counts a value that took no bytes.
func (t *Transcoder) countFree() error {
	if t.free++; t.free > maxFree {
		return ErrTooMany
	}
	return nil
}

func appendHeader(dst []byte, k kind, n int) []byte {
	if k == kindMap {
		return chunk.AppendMapHeader(dst, n)
	}
	return chunk.AppendArrayHeader(dst, n)
}

// replaceHeader writes the header of n values at dst[at:body], and moves what
// follows where it has another length.
func replaceHeader(dst []byte, k kind, at, body, n int) []byte {
	var room [5]byte
	header := appendHeader(room[:0], k, n)
	end := len(dst)
	if grown := len(header) - (body - at); grown > 0 {
		dst = append(dst, header[:grown]...) // the bytes are overwritten
		copy(dst[body+grown:], dst[body:end])
	}
	copy(dst[at:], header)
	return dst
}
