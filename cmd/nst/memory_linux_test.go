package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var advised = regexp.MustCompile(`--size (\d+) would fit`)

// fitsOrRefuses runs the program by way of a shell that sets a limit, and checks that
// it paints, or refuses in one line of which the --size paints.
func fitsOrRefuses(t *testing.T, program, limit string, args ...string) (refused bool) {
	t.Helper()
	paint := func(args ...string) (stderr string, ok bool) {
		command := exec.CommandContext(t.Context(), "sh", append([]string{"-c", limit + ` && exec "$@"`, "sh", program}, args...)...)
		var text bytes.Buffer
		command.Stderr = &text
		err := command.Run()
		var exit *exec.ExitError
		if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1 || strings.Count(text.String(), "\n") != 1 || !strings.Contains(text.String(), "MiB are free")) {
			t.Errorf("%s, %v: %v: %.300s", limit, args, err, text.String())
		}
		return text.String(), err == nil
	}
	common := []string{"-q", "--iterations", "3", "--scales", "1", "-o", filepath.Join(t.TempDir(), "out.png")}
	stderr, ok := paint(append(args, common...)...)
	if ok {
		return false
	}
	if size := advised.FindStringSubmatch(stderr); size != nil {
		if stderr, ok := paint(append(append(args, common...), "--size", size[1])...); !ok {
			t.Errorf("%s: --size %s does not fit: %s", limit, size[1], stderr)
		}
	}
	return true
}

// TestLimitsOfTheAddressSpace: whatever ulimit -v is, the program never ends in a fatal
// error. (Below some 1300 MiB the runtime does not start.)
func TestLimitsOfTheAddressSpace(t *testing.T) {
	program := builtProgram(t)
	rng := rand.New(rand.NewPCG(1, 2))
	refused := 0
	const runs = 6
	for range runs {
		limit := fmt.Sprintf("ulimit -v %d", (1330+rng.IntN(300))<<10)
		if fitsOrRefuses(t, program, limit, "--size", fmt.Sprint(300+rng.IntN(800))) {
			refused++
		}
	}
	if !fitsOrRefuses(t, program, "ulimit -v 1600000", "--size", "3000") {
		t.Error("3000 pixels have been painted in 1600 MB of addresses")
	}
	t.Logf("%d of %d refused", refused, runs)
}

// TestControlGroup: in a group of 120 MiB, a large picture is refused and the size that
// is said to fit does. It needs a machine that lets the test make a group.
func TestControlGroup(t *testing.T) {
	group, limit := "", ""
	for root, name := range map[string]string{"/sys/fs/cgroup/memory": "memory.limit_in_bytes", "/sys/fs/cgroup": "memory.max"} {
		dir := filepath.Join(root, fmt.Sprintf("nst-test-%d", os.Getpid()))
		if _, err := os.Stat(filepath.Join(root, "cgroup.procs")); err != nil || os.Mkdir(dir, 0o755) != nil {
			continue
		}
		t.Cleanup(func() { _ = os.Remove(dir) })
		if limits, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY, 0); err != nil { // without a controller of memory
			continue
		} else if _, err := limits.WriteString(fmt.Sprint(120 << 20)); cmp.Or(err, limits.Close()) == nil {
			group, limit = dir, fmt.Sprintf("echo $$ > %s/cgroup.procs", dir)
		}
	}
	if group == "" {
		t.Skip("no control group can be made here")
	}
	if !fitsOrRefuses(t, builtProgram(t), limit, "--size", "1500") {
		t.Error("1500 pixels have been painted in 120 MiB")
	}
}
