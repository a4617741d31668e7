package nst_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	codeFence  = regexp.MustCompile("(?ms)^```.*?^```$")
	link       = regexp.MustCompile(`\[([^\]]+)\]\(([^)\s]+)\)`)
	identifier = regexp.MustCompile("^`(?:\\w+\\.)*(\\w+)`$")
	heading    = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	unanchored = regexp.MustCompile(`[^\pL\pN _-]`)
)

// hasAnchor reports whether a Markdown text has a heading that a link with this
// fragment leads to: in small letters, with dashes for blanks.
func hasAnchor(text, fragment string) bool {
	for _, m := range heading.FindAllStringSubmatch(codeFence.ReplaceAllString(text, ""), -1) {
		if strings.ReplaceAll(unanchored.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-") == fragment {
			return true
		}
	}
	return false
}

// staleLinks returns what is wrong with the relative links of a Markdown text
// in folder dir: files and headings that do not exist, and links whose text is an
// identifier, like [`tensor.Conv2D`](../tensor/conv.go), that the file (or a Go
// file in the folder) they lead to does not contain.
func staleLinks(text, dir string) (complaints []string, links int) {
	for _, m := range link.FindAllStringSubmatch(codeFence.ReplaceAllString(text, ""), -1) {
		if strings.Contains(m[2], "://") {
			continue
		}
		links++
		target, fragment, _ := strings.Cut(m[2], "#")
		content := text
		if target != "" {
			var err error
			if content, err = readAll(filepath.Join(dir, target)); err != nil {
				complaints = append(complaints, err.Error())
				continue
			}
		}
		if fragment != "" && !hasAnchor(content, fragment) {
			complaints = append(complaints, "no heading "+m[2])
		}
		if id := identifier.FindStringSubmatch(m[1]); id != nil && !regexp.MustCompile(`\b`+id[1]+`\b`).MatchString(content) {
			complaints = append(complaints, id[1]+" is not to be found in "+target)
		}
	}
	return complaints, links
}

// readAll returns the contents of a file, or of all Go files in a folder.
func readAll(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	files := []string{path}
	if info.IsDir() {
		if files, err = filepath.Glob(filepath.Join(path, "*.go")); err != nil {
			return "", err
		}
	}
	var all strings.Builder
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil {
			return "", err
		}
		all.Write(content)
	}
	return all.String(), nil
}

// TestDocsPointAtWhatExists follows the links of the documentation into the
// code.
func TestDocsPointAtWhatExists(t *testing.T) {
	docs, err := filepath.Glob(filepath.Join("..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	readme, err := filepath.Glob(filepath.Join("..", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	docs = append(docs, readme...)
	total := 0
	for _, path := range docs {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		complaints, links := staleLinks(string(text), filepath.Dir(path))
		for _, c := range complaints {
			t.Errorf("%s: %s", path, c)
		}
		total += links
	}
	if total < 50 {
		t.Errorf("only %d links in %d files: the test has missed the documentation", total, len(docs))
	}
}

func TestStaleLinks(t *testing.T) {
	for text, want := range map[string]string{
		"see [`nst.Transfer`](transfer.go) and [the loop](transfer.go)": "",
		"see [`Costs`](../nst)":                    "",
		"see [the site](https://example.com/x.go)": "",
		"```\n[`Gone`](nowhere.go)\n```":           "",
		"see [`nst.Transferred`](transfer.go)":     "Transferred is not to be found in transfer.go",
		"see [`Transfer`](../asm)":                 "Transfer is not to be found in ../asm",
		"see [the loop](nowhere.go)":               "nowhere.go",
		"# Why: `x`, not y\n[why](#why-x-not-y)":   "",
		"# Why\n[how](#how)":                       "no heading #how",
	} {
		complaints, _ := staleLinks(text, ".")
		got := strings.Join(complaints, "; ")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
