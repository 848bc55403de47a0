// Command optiontables writes what is made from the plugins' option tables:
//
//	optiontables headers DIR      the C headers that give each shim its name and the options that the host is told to allow
//	optiontables docs             the tables in plugins/NAME/README.md
//	optiontables docs -check      nothing, but fails where one of those is out of date
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/tidegate/tidegate/common/options"
	inkafka "github.com/tidegate/tidegate/plugins/in_kafka"
	outkafka "github.com/tidegate/tidegate/plugins/out_kafka"
	outlogtide "github.com/tidegate/tidegate/plugins/out_logtide"
	outloki "github.com/tidegate/tidegate/plugins/out_loki"
)

// plugin is one .so file.
type plugin struct {
	file, name, description string
	table                   options.Table
}

func plugins() []plugin {
	return []plugin{
		{"in_kafka", "tidegate_kafka", "Tidegate: records from Kafka", inkafka.NewConfig().Options()},
		{"out_kafka", "tidegate_kafka", "Tidegate: records to Kafka", outkafka.NewConfig().Options()},
		{"out_loki", "tidegate_loki", "Tidegate: records to Grafana Loki", outloki.NewConfig().Options()},
		{"out_logtide", "tidegate_logtide", "Tidegate: records to LogTide", outlogtide.NewConfig().Options()},
	}
}

func main() {
	log.SetFlags(0)
	var err error
	switch args := os.Args[1:]; {
	case len(args) == 2 && args[0] == "headers":
		err = writeHeaders(args[1])
	case len(args) == 1 && args[0] == "docs":
		err = eachReadme(func(path string, text []byte) error { return os.WriteFile(path, text, 0o644) })
	case len(args) == 2 && args[0] == "docs" && args[1] == "-check":
		err = eachReadme(func(path string, _ []byte) error {
			return fmt.Errorf("%s is not up to date: run make docs", path)
		})
	default:
		log.Fatal("usage: optiontables headers DIR | docs [-check]")
	}
	if err != nil {
		log.Fatal(err)
	}
}

func writeHeaders(dir string) error {
	for _, p := range plugins() {
		if err := os.WriteFile(filepath.Join(dir, p.file+".h"), p.header(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// eachReadme calls f with every README whose table has changed, and its new
// text.
func eachReadme(f func(path string, text []byte) error) error {
	for _, p := range plugins() {
		path := filepath.Join("plugins", p.file, "README.md")
		old, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text, err := p.document(old)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if string(text) != string(old) {
			if err := f(path, text); err != nil {
				return err
			}
		}
	}
	return nil
}
