package schema

import (
	"fmt"
	"log/slog"

	"github.com/tidegate/tidegate/common/avropack"
	"github.com/tidegate/tidegate/common/jsonpack"
)

// Decoder decodes the values of one input. It is for one goroutine.
type Decoder struct {
	json    *jsonpack.Transcoder // nil for Avro
	avro    avropack.Transcoder
	schemas *schemas // nil for JSON
}

// Open makes the decoder that a valid configuration asks for. It asks the
// registry nothing yet, so that an agent starts without it.
func Open(c *Config, log *slog.Logger) (*Decoder, error) {
	if c.Format == FormatJSON {
		return &Decoder{json: jsonpack.New()}, nil
	}
	r, err := newRegistry(c)
	if err != nil {
		return nil, fmt.Errorf("opening the schema registry: %w", err)
	}
	return &Decoder{schemas: newSchemas(r, !c.logicalTypes, log)}, nil
}

// Append appends the msgpack of a value of a topic to dst: a map for records,
// maps and objects, which its first byte tells from anything else. On an error
// dst comes back as it was. value is not kept.
//
// A schema that is not known yet is asked for, which takes no longer than
// schema_registry_timeout. Where that fails, Append returns ErrUnavailable at once
// for a while that grows, however often it is called. Ids are the same for all
// topics, so the topic does not matter yet.
func (d *Decoder) Append(dst []byte, _ string, value []byte) ([]byte, error) {
	id, payload, err := split(value)
	if err != nil {
		return dst, err
	}
	if d.json != nil {
		out, _, err := d.json.Append(dst, payload)
		return out, err
	}
	s, err := d.schemas.get(id)
	if err != nil {
		return dst, err
	}
	out, err := d.avro.Append(dst, payload, s)
	if err != nil {
		return out, fmt.Errorf("schema %d: %w", id, err)
	}
	return out, nil
}

// Close lets go of the connections.
func (d *Decoder) Close() {
	if d.schemas != nil {
		d.schemas.registry.close()
	}
}
