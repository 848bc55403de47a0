package main

import (
	"fmt"
	"strconv"
	"strings"
)

// header is the C header of the plugin's shim.
func (p plugin) header() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "/* Made by build/optiontables from the option table of plugins/%s. */\n", p.file)
	fmt.Fprintf(&b, "#define TIDEGATE_FILE %s\n", quote(p.file))
	fmt.Fprintf(&b, "#define TIDEGATE_NAME %s\n", quote(p.name))
	fmt.Fprintf(&b, "#define TIDEGATE_DESCRIPTION %s\n", quote(p.description))
	b.WriteString("static const struct flb_config_map tidegate_options[] = {\n")
	for _, o := range p.table {
		def := "NULL"
		if text := o.Value.String(); text != "" && !o.Secret {
			def = quote(text)
		}
		fmt.Fprintf(&b, "    {FLB_CONFIG_MAP_STR, %s, %s, 0, 0, 0, %s, {0}},\n", quote(o.Name), def, quote(o.Help))
		for _, alias := range o.Aliases {
			fmt.Fprintf(&b, "    {FLB_CONFIG_MAP_STR, %s, NULL, 0, 0, 0, %s, {0}},\n", quote(alias), quote("Another name of "+o.Name+"."))
		}
	}
	b.WriteString("    {0, NULL, NULL, 0, 0, 0, NULL, {0}},\n};\n")
	return []byte(b.String())
}

// quote writes a C string literal: Go's escapes of ASCII are C's too.
func quote(text string) string { return strconv.QuoteToASCII(text) }
