package avropack

import (
	"fmt"
	"strings"
	"time"

	"github.com/twmb/avro"

	"github.com/tidegate/tidegate/common/chunk"
)

// Schema is a compiled schema. It is immutable.
type Schema struct{ root *node }

// Source is the text of a schema, in JSON.
type Source struct {
	Text string
	// References are the texts that Text names types of, each behind those
	// that it needs itself.
	References []string
	// Plain leaves logical types as the numbers and bytes that carry them.
	Plain bool
}

// Compile compiles the schema that values were written with. Names are taken
// as they are: the writer has written with them.
func Compile(src Source) (*Schema, error) {
	var types avro.SchemaCache
	anyName := avro.WithLaxNames(nil)
	for _, text := range src.References {
		if _, err := types.Parse(text, anyName); err != nil {
			return nil, fmt.Errorf("reading a referenced schema: %w", err)
		}
	}
	parsed, err := types.Parse(src.Text, anyName)
	if err != nil {
		return nil, err
	}
	c := compiler{named: map[string]*node{}, plain: src.Plain}
	tree := parsed.Root()
	c.declare(tree)
	root, err := c.node(tree, "")
	if err != nil {
		return nil, err
	}
	return &Schema{root}, nil
}

// compiler makes nodes of a parsed schema, which holds the definition of every
// type that it names: at one place, maybe behind the first that names it.
type compiler struct {
	named map[string]*node
	plain bool
}

// declare makes an empty node for every named type.
func (c *compiler) declare(s *avro.SchemaNode) {
	switch s.Type {
	case "record", "error":
		c.named[fullName(s)] = new(node)
		for i := range s.Fields {
			c.declare(&s.Fields[i].Type)
		}
	case "enum", "fixed":
		c.named[fullName(s)] = new(node)
	case "array":
		c.declare(s.Items)
	case "map":
		c.declare(s.Values)
	case "union":
		for i := range s.Branches {
			c.declare(&s.Branches[i])
		}
	}
}

var primitives = map[string]kind{
	"null": kindNull, "boolean": kindBoolean, "int": kindInt, "long": kindLong,
	"float": kindFloat, "double": kindDouble, "bytes": kindBytes, "string": kindString,
}

// node makes the node of s, which stands in namespace.
func (c *compiler) node(s *avro.SchemaNode, namespace string) (*node, error) {
	if k, ok := primitives[s.Type]; ok {
		n := &node{kind: k}
		c.setLogical(n, s)
		return n, nil
	}
	switch s.Type {
	case "array":
		items, err := c.node(s.Items, namespace)
		return &node{kind: kindArray, items: items}, err
	case "map":
		values, err := c.node(s.Values, namespace)
		return &node{kind: kindMap, items: values}, err
	case "union":
		return c.union(s, namespace)
	case "record", "error":
		return c.record(s)
	case "enum":
		return c.enum(s), nil
	case "fixed":
		n := c.named[fullName(s)]
		n.kind, n.size = kindFixed, s.Size
		c.setLogical(n, s)
		return n, nil
	}
	return c.reference(s.Type, namespace)
}

// reference finds the type of a name (Avro 1.12, "Names"): one without a dot
// is of the namespace around it, or else of none.
func (c *compiler) reference(name, namespace string) (*node, error) {
	if !strings.Contains(name, ".") && namespace != "" {
		if n := c.named[namespace+"."+name]; n != nil {
			return n, nil
		}
	}
	if n := c.named[strings.TrimPrefix(name, ".")]; n != nil {
		return n, nil
	}
	return nil, fmt.Errorf("no type has the name %q", clip(name))
}

func (c *compiler) union(s *avro.SchemaNode, namespace string) (*node, error) {
	n := &node{kind: kindUnion, branches: make([]*node, len(s.Branches))}
	var err error
	for i := range s.Branches {
		if n.branches[i], err = c.node(&s.Branches[i], namespace); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func (c *compiler) record(s *avro.SchemaNode) (*node, error) {
	n := c.named[fullName(s)]
	n.kind, n.name = kindRecord, fullName(s)
	n.header = chunk.AppendMapHeader(nil, len(s.Fields))
	n.fields = make([]field, len(s.Fields))
	for i := range s.Fields {
		f := &s.Fields[i]
		inner, err := c.node(&f.Type, namespaceOf(n.name))
		if err != nil {
			return nil, err
		}
		n.fields[i] = field{name: f.Name, key: chunk.AppendString(nil, f.Name), node: inner}
	}
	return n, nil
}

func (c *compiler) enum(s *avro.SchemaNode) *node {
	n := c.named[fullName(s)]
	n.kind, n.symbols = kindEnum, make([][]byte, len(s.Symbols))
	for i, symbol := range s.Symbols {
		n.symbols[i] = chunk.AppendString(nil, symbol)
	}
	return n
}

// maxScale bounds the zeros that a decimal is written with.
const maxScale = 1000

// setLogical gives a node its logical type, where that fits what carries it.
func (c *compiler) setLogical(n *node, s *avro.SchemaNode) {
	if c.plain {
		return
	}
	logical, local := strings.CutPrefix(s.LogicalType, "local-")
	switch {
	case local && units[logical] == 0:
		// There are no others of that kind.
	case n.kind == kindInt && logical == "date":
		n.kind = kindDate
	case n.kind == kindInt && logical == "time-millis":
		n.kind = kindTimeMillis
	case n.kind == kindLong && logical == "time-micros":
		n.kind = kindTimeMicros
	case n.kind == kindLong && units[logical] != 0:
		n.kind, n.unit = kindTimestamp, units[logical]
		if local {
			n.kind = kindLocalTimestamp
		}
	case logical == "decimal" && s.Scale <= maxScale && n.kind == kindBytes:
		n.kind, n.scale = kindDecimal, s.Scale
	case logical == "decimal" && s.Scale <= maxScale && n.kind == kindFixed && n.size <= maxDecimal:
		n.kind, n.scale = kindFixedDecimal, s.Scale
	case n.kind == kindFixed && n.size == 16 && logical == "uuid":
		n.kind = kindUUID
	case n.kind == kindFixed && n.size == 12 && logical == "duration":
		n.kind = kindDuration
	}
}

var units = map[string]time.Duration{
	"timestamp-millis": time.Millisecond,
	"timestamp-micros": time.Microsecond,
	"timestamp-nanos":  time.Nanosecond,
}

// fullName is the name of a named type with its namespace.
func fullName(s *avro.SchemaNode) string {
	if s.Namespace == "" || strings.Contains(s.Name, ".") {
		return strings.TrimPrefix(s.Name, ".")
	}
	return s.Namespace + "." + s.Name
}

// namespaceOf returns what of a full name its fields' types are named in.
func namespaceOf(name string) string {
	return name[:max(strings.LastIndexByte(name, '.'), 0)]
}
