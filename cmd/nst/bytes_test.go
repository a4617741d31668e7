package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
)

// TestNamesAreBytes: names that are not UTF-8 work wherever a file is named.
func TestNamesAreBytes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("names are UTF-16 there")
	}
	weights, err := filepath.Abs(smallWeights)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	const content, style, mask, config, folder, network = "caf\xe9\xff.png", "st\xfe.png", "m\xe9sk.png", "c\xe9.toml", "d\xe9", "w\xe9"
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Skip("this file system takes no such names: ", err)
	}
	if err := os.CopyFS(network, os.DirFS(weights)); err != nil {
		t.Fatal(err)
	}
	drawPNG(t, content, 48, 36, 9)
	drawPNG(t, filepath.Join(folder, content), 48, 36, 8)
	drawPNG(t, style, 40, 40, 3)
	drawMask(t, mask, 48, 36, 20)
	writeTestFile(t, config, []byte("beta = 7"))
	flags := []string{"--weights", network, "--size", "40", "--iterations", "1"}
	for want, args := range map[string][]string{
		"caf\xe9\xff-st\xfe.png":       {content, style},
		"a\xe9.png":                    {content, style, "-o", "a\xe9.png", "--record", "r\xe9.json", "--config", config},
		"b\xe9.png":                    {content, "--style", style + "=2", "--mask", mask, "--init", mask, "-o", "b\xe9.png"},
		"o\xe9/caf\xe9\xff-st\xfe.png": {"batch", "--contents", folder, "--styles", "st*.png", "--out-dir", "o\xe9"},
		"s\xe9.png":                    {"sweep", content, style, "--beta", "1,10", "-o", "s\xe9.png"},
	} {
		mustRun(t, append(args, flags...)...)
		if _, err := os.Stat(want); err != nil {
			t.Errorf("%q: %v", args, err)
		}
	}
	// A record is JSON, which has no such names.
	for _, from := range []string{"a\xe9.png", "r\xe9.json"} {
		if stdout, _ := mustRun(t, "again", from, "-o", "again.png"); !strings.Contains(stdout, "is the same picture") {
			t.Errorf("again %q: %q", from, stdout)
		}
	}
	if err := os.Remove(content); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := nstRun(t, "again", "a\xe9.png", "-o", "again.png")
	if code != commandline.ExitFailed || stderr != "nst: a\ufffd.png: missing: caf\ufffd\ufffd.png; put it where it was, or beside this file\n" {
		t.Errorf("without the content: exit %d, %q", code, stderr)
	}
}
