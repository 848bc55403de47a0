package command

import (
	"os"
	"strings"
	"testing"
)

// What the README of out_loki shows is what the program prints.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../out_loki/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, is := strings.Cut(string(text), "\n## Look before you send\n")
	if !is {
		t.Fatal("no such section")
	}
	block := func(kind string) string {
		_, rest, _ := strings.Cut(section, "```"+kind+"\n")
		inner, _, _ := strings.Cut(rest, "```\n")
		return inner
	}
	got := runIn(t, block("json"), "inspect", "-c", write(t, block("ini")), "-t", "iot.kitchen")
	if got.code != exitOK || got.out != block("text") {
		t.Errorf("got %d, %s\n%s", got.code, got.errs, got.out)
	}
}
