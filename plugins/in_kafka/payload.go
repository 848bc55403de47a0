package inkafka

import (
	"errors"
	"fmt"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsonpack"
	"github.com/tidegate/tidegate/common/logfmt"
)

// payload reads a message's value. It appends one msgpack value, which nests no
// deeper than maxDepth and has no more than maxMembers. After a problem what
// is in dst has no meaning.
type payload interface {
	append(dst []byte, topic string, value []byte) ([]byte, problem, error)
}

// valueDecoder reads values whose schema is in a registry. It appends one
// msgpack value. An error for which errors.Is says schema.ErrUnavailable is
// not the message's: it is tried again.
type valueDecoder interface {
	Append(dst []byte, topic string, value []byte) ([]byte, error)
}

// newPayload makes the reader of a format. decoder is for those of a registry.
func newPayload(format string, decoder valueDecoder) (payload, error) {
	switch format {
	case formatJSON:
		return jsonPayload{jsonpack.New()}, nil
	case formatLogfmt:
		return logfmtPayload{}, nil
	case formatMsgpack:
		return msgpackPayload{}, nil
	case formatRaw:
		return textPayload{}, nil
	case formatAvro, formatJSONSchema:
		if decoder == nil {
			return nil, fmt.Errorf("format %s: a schema registry is required", format)
		}
		is := notAvro
		if format == formatJSONSchema {
			is = notJSONSchema
		}
		return schemaPayload{decoder, is}, nil
	default:
		return nil, fmt.Errorf("format %q is not known", format)
	}
}

// textPayload takes any bytes for text, as they are.
type textPayload struct{}

func (textPayload) append(dst []byte, _ string, value []byte) ([]byte, problem, error) {
	return chunk.AppendString(dst, value), noProblem, nil
}

// nullPayload is that of a tombstone.
type nullPayload struct{}

func (nullPayload) append(dst []byte, _ string, _ []byte) ([]byte, problem, error) {
	return chunk.AppendNil(dst), noProblem, nil
}

type jsonPayload struct{ *jsonpack.Transcoder }

func (p jsonPayload) append(dst []byte, _ string, value []byte) ([]byte, problem, error) {
	at := len(dst)
	dst, _, err := p.Append(dst, value)
	switch {
	case err == nil:
		return checkMembers(dst, at, value)
	case errors.Is(err, jsonpack.ErrDepth):
		return dst, tooDeep, err
	default:
		return dst, notJSON, fmt.Errorf("parsing JSON: %w", err)
	}
}

type logfmtPayload struct{}

func (logfmtPayload) append(dst []byte, _ string, value []byte) ([]byte, problem, error) {
	at := len(dst)
	dst, err := logfmt.Append(dst, value)
	if err != nil {
		return dst, notLogfmt, fmt.Errorf("parsing logfmt: %w", err)
	}
	return checkMembers(dst, at, value)
}

// checkMembers counts the members of what a text became at dst[at:]. Two bytes
// of text are one member at most, `0,` or `a `, so few texts need it.
func checkMembers(dst []byte, at int, text []byte) ([]byte, problem, error) {
	if len(text) <= 2*maxMembers {
		return dst, noProblem, nil
	}
	problem, err := checkValue(dst[at:], notMsgpack)
	return dst, problem, err
}

type msgpackPayload struct{}

func (msgpackPayload) append(dst []byte, _ string, value []byte) ([]byte, problem, error) {
	if problem, err := checkValue(value, notMsgpack); err != nil {
		return dst, problem, err
	}
	return append(dst, value...), noProblem, nil
}

// schemaPayload leaves a value to a valueDecoder, and checks what comes back:
// the schema is trusted, the message is not.
type schemaPayload struct {
	decoder valueDecoder
	is      problem // what is wrong where the decoder refuses
}

func (p schemaPayload) append(dst []byte, topic string, value []byte) ([]byte, problem, error) {
	at := len(dst)
	dst, err := p.decoder.Append(dst, topic, value)
	if err != nil {
		return dst, p.is, err
	}
	problem, err := checkValue(dst[at:], p.is)
	return dst, problem, err
}
