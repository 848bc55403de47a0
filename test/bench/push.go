package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"

	"github.com/klauspost/compress/snappy"
	"google.golang.org/protobuf/encoding/protowire"
)

// eachLine calls f for each log line of a push. As with Loki, JSON has to be said, and
// everything else is protobuf in snappy.
func eachLine(contentType string, body []byte, f func(line []byte)) error {
	if kind, _, _ := mime.ParseMediaType(contentType); kind == "application/json" {
		return eachJSONLine(body, f)
	}
	packed, err := snappy.Decode(nil, body)
	if err != nil {
		return fmt.Errorf("uncompressing a push: %w", err)
	}
	return eachProtobufLine(packed, f)
}

func eachJSONLine(body []byte, f func(line []byte)) error {
	var push struct {
		Streams []struct {
			Values [][]json.RawMessage `json:"values"` // time, line, and perhaps metadata
		} `json:"streams"`
	}
	if err := json.Unmarshal(body, &push); err != nil {
		return fmt.Errorf("reading a push: %w", err)
	}
	for _, s := range push.Streams {
		for _, value := range s.Values {
			if len(value) < 2 {
				return errors.New("reading a push: an entry without a line")
			}
			var line string
			if err := json.Unmarshal(value[1], &line); err != nil {
				return fmt.Errorf("reading a line: %w", err)
			}
			f([]byte(line))
		}
	}
	return nil
}

// eachProtobufLine walks down to the lines:
//
//	message PushRequest { repeated Stream streams = 1; }
//	message Stream      { string labels = 1; repeated Entry entries = 2; }
//	message Entry       { Timestamp timestamp = 1; string line = 2; }
func eachProtobufLine(push []byte, f func(line []byte)) error {
	return eachField(push, 1, func(stream []byte) error {
		return eachField(stream, 2, func(entry []byte) error {
			return eachField(entry, 2, func(line []byte) error {
				f(line)
				return nil
			})
		})
	})
}

// eachField calls f for each field of one number, which have a length, and skips others.
func eachField(message []byte, number protowire.Number, f func([]byte) error) error {
	for len(message) > 0 {
		n, kind, size := protowire.ConsumeTag(message)
		if size < 0 {
			return protowire.ParseError(size)
		}
		message = message[size:]
		if n == number && kind == protowire.BytesType {
			value, size := protowire.ConsumeBytes(message)
			if size < 0 {
				return protowire.ParseError(size)
			}
			if err := f(value); err != nil {
				return err
			}
			message = message[size:]
			continue
		}
		if size = protowire.ConsumeFieldValue(n, kind, message); size < 0 {
			return protowire.ParseError(size)
		}
		message = message[size:]
	}
	return nil
}
