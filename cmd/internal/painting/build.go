package painting

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/brushgrad/brushgrad/asm"
	"github.com/brushgrad/brushgrad/cmd/internal/option"
)

// Build is the program that made a picture. Sums of float32 may be rounded
// otherwise by other kernels, on another processor or by another compiler.
type Build struct {
	Version        string `json:"version"`
	Go             string `json:"go"`
	Platform       string `json:"platform"`
	Implementation string `json:"implementation"`
}

// ThisBuild returns the build that is running.
func ThisBuild() Build {
	b := Build{"unknown", runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, asm.Implementation}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.Version = cmp.Or(info.Main.Version, b.Version)
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && !strings.Contains(b.Version, s.Value[:min(12, len(s.Value))]) {
				b.Version += " " + s.Value
			}
		}
	}
	return b
}

// String returns a line for people.
func (b Build) String() string {
	return fmt.Sprintf("%s, %s for %s, kernels: %s", b.Version, b.Go, b.Platform, b.Implementation)
}

// Differences says how another build differs from the one that made a picture.
func (b Build) Differences(now Build) []string {
	var all []string
	for _, d := range [][3]string{
		{"version", b.Version, now.Version},
		{"version of Go", b.Go, now.Go},
		{"platform", b.Platform, now.Platform},
		{"set of kernels", b.Implementation, now.Implementation},
	} {
		if d[1] != d[2] {
			all = append(all, fmt.Sprintf("it was made by the %s %s, and this is %s", d[0], option.OneLine(d[1]), d[2]))
		}
	}
	return all
}
