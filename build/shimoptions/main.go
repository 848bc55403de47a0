// Command shimoptions writes the C headers that give each shim its name and,
// from the plugin's option table, the options that the host is told to allow.
//
//	shimoptions DIR
//
// writes DIR/in_kafka.h and so on.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/common/options"
	inkafka "github.com/tidegate/tidegate/plugins/in_kafka"
	outloki "github.com/tidegate/tidegate/plugins/out_loki"
)

// shim is one .so file.
type shim struct {
	file, name, description string
	table                   options.Table // nil: the core refuses the start, whatever the options
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: shimoptions DIR")
	}
	for _, s := range []shim{
		{"in_kafka", "tidegate_kafka", "Tidegate: records from Kafka", inkafka.NewConfig().Options()},
		{"out_kafka", "tidegate_kafka", "Tidegate: records to Kafka", nil},
		{"out_loki", "tidegate_loki", "Tidegate: records to Grafana Loki", outloki.NewConfig().Options()},
		{"out_logtide", "tidegate_logtide", "Tidegate: records to LogTide", nil},
	} {
		if err := os.WriteFile(filepath.Join(os.Args[1], s.file+".h"), s.header(), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

func (s shim) header() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "/* Made by build/shimoptions from the option table of plugins/%s. */\n", s.file)
	fmt.Fprintf(&b, "#define TIDEGATE_FILE %s\n", quote(s.file))
	fmt.Fprintf(&b, "#define TIDEGATE_NAME %s\n", quote(s.name))
	fmt.Fprintf(&b, "#define TIDEGATE_DESCRIPTION %s\n", quote(s.description))
	if s.table == nil {
		return []byte(b.String())
	}
	b.WriteString("#define TIDEGATE_HAS_OPTIONS\nstatic const struct flb_config_map tidegate_options[] = {\n")
	for _, o := range s.table {
		def := "NULL"
		if text := o.Value.String(); text != "" && !o.Secret {
			def = quote(text)
		}
		fmt.Fprintf(&b, "    {FLB_CONFIG_MAP_STR, %s, %s, 0, 0, 0, %s, {0}},\n", quote(o.Name), def, quote(o.Help))
	}
	b.WriteString("    {0, NULL, NULL, 0, 0, 0, NULL, {0}},\n};\n")
	return []byte(b.String())
}

// quote writes a C string literal: Go's escapes of ASCII are C's too.
func quote(text string) string { return strconv.QuoteToASCII(text) }
