package nst_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/brushgrad/brushgrad/"

// levels are the top-level folders from the bottom up. A package may import
// its own level and those below it, never one above.
var levels = []string{"asm", "tensor", "autodiff", "layers", "vgg", "nst", "cmd"}

// programs are the packages of cmd, from the bottom up. A package may import those of
// the levels below its own, and no other; what is in a folder of it belongs to it.
var programs = [][]string{
	{"cmd/internal/demo", "cmd/internal/option", "cmd/internal/outfile", "cmd/internal/memory", "cmd/internal/statusline"},
	{"cmd/internal/chart", "cmd/internal/colour", "cmd/internal/commandline", "cmd/internal/picture"},
	{"cmd/internal/animation", "cmd/internal/contactsheet"},
	{"cmd/internal/painting"},
	{"cmd/demopictures", "cmd/digits", "cmd/distil", "cmd/nst"},
}

// libraries are the modules outside the standard library that each package may
// use. A package that is not listed takes those of the folder above it.
var libraries = map[string][]string{
	"asm":                 {"github.com/klauspost/cpuid/v2"},
	"tensor":              nil, // and tensor/parallel
	"tensor/npy":          nil,
	"autodiff":            {"golang.org/x/sys"},
	"layers":              nil,
	"vgg":                 nil,
	"vgg/internal/pickle": {"github.com/nlpodyssey/gopickle"},
	"nst":                 nil,
	"cmd": { // the commands; kong, which parses command lines, is for nobody below them but commandline
		"github.com/BurntSushi/toml", "github.com/alecthomas/kong", "github.com/kovidgoyal/imaging",
		"golang.org/x/image",
	},
	"cmd/internal":              nil, // and demo, option and painting
	"cmd/internal/animation":    {"github.com/kovidgoyal/imaging", "golang.org/x/image"},
	"cmd/internal/chart":        {"gonum.org/v1/plot"},
	"cmd/internal/colour":       {"gonum.org/v1/gonum"},
	"cmd/internal/commandline":  {"github.com/alecthomas/kong"},
	"cmd/internal/contactsheet": {"golang.org/x/image"},
	"cmd/internal/outfile":      {"golang.org/x/sys"},
	"cmd/internal/picture":      {"github.com/kovidgoyal/imaging", "golang.org/x/image"},
	"cmd/internal/memory":       {"golang.org/x/sys"},
	"cmd/internal/statusline":   {"golang.org/x/sys", "golang.org/x/term"},
}

// testLibraries are what the tests of every package may use besides.
var testLibraries = []string{
	"codeberg.org/sbinet/npyio", "golang.org/x/sys", "gonum.org/v1/gonum", "pgregory.net/rapid",
}

// forbidden says why a file in folder dir must not import a package, or
// returns "".
func forbidden(dir, imported string, test bool) string {
	top, _, _ := strings.Cut(dir, "/")
	level := slices.Index(levels, top)
	if level < 0 {
		return "the folder " + top + " has no place in the order of packages"
	}
	if own, ok := strings.CutPrefix(imported, module); ok {
		below, _, _ := strings.Cut(own, "/")
		if i := slices.Index(levels, below); i < 0 || i > level {
			return top + " stands below " + below
		}
		if top == "cmd" && below == "cmd" {
			return forbiddenInPrograms(dir, own)
		}
		return ""
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		return "" // the standard library
	}
	for folder := dir; folder != "."; folder = path.Dir(folder) {
		allowed, listed := libraries[folder]
		if !listed {
			continue
		}
		if test {
			allowed = slices.Concat(allowed, testLibraries)
		}
		if slices.ContainsFunc(allowed, func(m string) bool { return imported == m || strings.HasPrefix(imported, m+"/") }) {
			return ""
		}
		break
	}
	return "it is not one of the libraries of " + dir
}

// forbiddenInPrograms is forbidden for two packages of cmd.
func forbiddenInPrograms(dir, imported string) string {
	place := func(dir string) (name string, level int) {
		for level, names := range programs {
			for _, name := range names {
				if dir == name || strings.HasPrefix(dir, name+"/") {
					return name, level
				}
			}
		}
		return dir, -1
	}
	name, level := place(dir)
	other, below := place(imported)
	switch {
	case level < 0 || below < 0:
		return dir + " or " + imported + " has no place in the order of packages"
	case name == other || below < level:
		return ""
	case below == level:
		return name + " stands beside " + other
	}
	return name + " stands below " + other
}

// TestImports enforces the order of packages and their short lists of
// libraries, in the files of every platform and build tag.
func TestImports(t *testing.T) {
	seen := make(map[string]bool)
	root := ".."
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (name == "testdata" || len(name) > 2 && name[0] == '.') {
			return filepath.SkipDir
		}
		if entry.IsDir() || filepath.Ext(name) != ".go" {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		dir := path.Dir(relative)
		for _, spec := range parsed.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			seen[imported] = true
			if why := forbidden(dir, imported, strings.HasSuffix(name, "_test.go")); why != "" {
				t.Errorf("%s must not import %s: %s", relative, imported, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, imported := range []string{module + "asm", module + "nst", "github.com/klauspost/cpuid/v2", "golang.org/x/sys/unix"} {
		if !seen[imported] {
			t.Errorf("no file that imports %s was found: the test has missed the packages", imported)
		}
	}
}

func TestForbidden(t *testing.T) {
	for _, test := range []struct {
		dir, imported string
		test          bool
		want          string // the beginning; "" if the import is fine
	}{
		{"tensor", module + "asm", false, ""},
		{"cmd/nst", module + "asm", false, ""},
		{"autodiff", module + "autodiff/gradcheck", true, ""},
		{"asm", "math/bits", false, ""},
		{"autodiff", "golang.org/x/sys/unix", false, ""},
		{"tensor/npy", "golang.org/x/sys/unix", false, "it is not one of the libraries of tensor/npy"},
		{"cmd/internal/picture", "golang.org/x/image/draw", false, ""},
		{"tensor", "gonum.org/v1/gonum/blas", true, ""},
		{"cmd/nst", module + "cmd/internal/painting", false, ""},
		{"cmd/nst", module + "cmd/internal/commandline/commandlinetest", true, ""},
		{"cmd/nst", "github.com/alecthomas/kong", false, ""},
		{"cmd/internal/painting", module + "cmd/internal/animation", false, ""},
		{"cmd/internal/animation", module + "cmd/internal/colour", false, ""},
		{"cmd/internal/commandline", "github.com/alecthomas/kong", false, ""},
		{"cmd/internal/commandline/commandlinetest", module + "cmd/internal/commandline", false, ""},
		{"cmd/internal/demo", module + "cmd/internal/demo", true, ""},

		{"asm", module + "tensor", false, "asm stands below tensor"},
		{"autodiff/optim", module + "layers", true, "autodiff stands below layers"},
		{"vgg", module + "nst", false, "vgg stands below nst"},
		{"nst", module + "cmd/internal/demo", false, "nst stands below cmd"},
		{"nst", module + "util", false, "nst stands below util"},
		{"util", "fmt", false, "the folder util has no place"},
		{"cmd/nst", module + "cmd/digits", false, "cmd/nst stands beside cmd/digits"},
		{"cmd/internal/painting", module + "cmd/nst", true, "cmd/internal/painting stands below cmd/nst"},
		{"cmd/internal/option", module + "cmd/internal/painting", false, "cmd/internal/option stands below cmd/internal/painting"},
		{"cmd/internal/picture", module + "cmd/internal/colour", false, "cmd/internal/picture stands beside cmd/internal/colour"},
		{"cmd/internal/memory", module + "cmd/internal/commandline/commandlinetest", true, "cmd/internal/memory stands below cmd/internal/commandline"},
		{"cmd/internal/new", module + "cmd/internal/memory", false, "cmd/internal/new or cmd/internal/memory has no place"},
		{"cmd/nst", module + "cmd/internal/paintings", false, "cmd/nst or cmd/internal/paintings has no place"},
		{"cmd/internal/painting", "github.com/alecthomas/kong", false, "it is not one of the libraries of cmd/internal/painting"},
		{"cmd/internal/option", "github.com/alecthomas/kong", true, "it is not one"},
		{"cmd/internal/picture", "github.com/alecthomas/kong", false, "it is not one"},
		{"cmd/internal/commandline", "golang.org/x/term", false, "it is not one"},
		{"tensor", "golang.org/x/sys/unix", false, "it is not one of the libraries of tensor"},
		{"tensor", "gonum.org/v1/gonum/blas", false, "it is not one"},
		{"asm", "github.com/klauspost/cpuid", false, "it is not one"},
		{"autodiff/gradcheck", "pgregory.net/rapidly", true, "it is not one"},
	} {
		got := forbidden(test.dir, test.imported, test.test)
		if test.want == "" && got != "" || !strings.HasPrefix(got, test.want) {
			t.Errorf("%s importing %s (test: %v): %q, want %q", test.dir, test.imported, test.test, got, test.want)
		}
	}
}
