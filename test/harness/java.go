package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// minJava is what the brokers of Kafka 4 ask for.
const minJava = 17

// javaPackage is version 17 on Debian 12 and newer on later ones.
const javaPackage = "default-jdk-headless"

var javaVersionRE = regexp.MustCompile(`version "(\d+)`)

// findJava gives the java program, from JAVA_HOME or PATH, and installs one where it may.
func findJava() (string, error) {
	java := filepath.Join(os.Getenv("JAVA_HOME"), "bin", "java")
	if _, err := os.Stat(java); os.Getenv("JAVA_HOME") == "" || err != nil {
		if java, err = needCommand("java", javaPackage); err != nil {
			return "", err
		}
	}
	out, err := exec.Command(java, "-version").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("asking %s for its version: %w", java, err)
	}
	m := javaVersionRE.FindSubmatch(out)
	if m == nil {
		return "", fmt.Errorf("reading the version of %s: %q", java, out)
	}
	if major, _ := strconv.Atoi(string(m[1])); major < minJava {
		return "", fmt.Errorf("%s is version %d, Kafka needs %d or newer (JAVA_HOME names another)", java, major, minJava)
	}
	return java, nil
}
