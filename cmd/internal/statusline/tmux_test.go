//go:build unix

package statusline

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// actAsProgram is the variable that makes this test binary a program with a line, until
// there is a file of the name that the variable holds.
const actAsProgram = "STATUSLINE_TEST_PROGRAM"

func TestMain(m *testing.M) {
	end := os.Getenv(actAsProgram)
	if end == "" {
		os.Exit(m.Run())
	}
	fmt.Println("a first line of some length, as a program may have printed one before")
	l := New(os.Stderr)
	for i := 0; ; i++ {
		time.Sleep(20 * time.Millisecond)
		if _, err := os.Stat(end); err == nil {
			l.Close()
			fmt.Println("the end")
			time.Sleep(time.Hour) // the terminal goes away with the test
		}
		l.Show(State{
			Texts: []string{fmt.Sprintf("scale 2 of 4, 256x192: cost %d", 123456+i), "cost", ""},
			Bar:   true, Part: float64(i%1000) / 1000, Left: 100 * time.Second, LeftKnown: true,
		})
	}
}

// TestInATerminal: a real one, which breaks lines that become too long: at every width,
// and whatever it was before, there is a single bar.
func TestInATerminal(t *testing.T) {
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no tmux to try the line in")
		}
		t.Skip("there is no tmux to try the line in")
	}
	socket := t.TempDir() + "/tmux" // a server of its own
	tmux := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("tmux", append([]string{"-S", socket, "-f", "/dev/null"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("tmux %v: %v: %s", args, err, out)
		}
		return string(out)
	}
	end := t.TempDir() + "/end"
	program := fmt.Sprintf("%s=%s TERM=screen %s", actAsProgram, end, os.Args[0])
	tmux("new-session", "-d", "-x", "80", "-y", "20", program)
	defer func() { _ = exec.Command("tmux", "-S", socket, "kill-server").Run() }()
	// see waits until what the terminal shows is right, however long a busy machine takes.
	see := func(what string, right func(lines []string) bool) {
		t.Helper()
		deadline := time.Now().Add(time.Minute)
		for {
			lines := strings.Split(strings.TrimRight(tmux("capture-pane", "-p"), "\n"), "\n")
			if right(lines) {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: the terminal shows\n%s", what, strings.Join(lines, "\n"))
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	for _, width := range []int{80, 50, 30, 80, 200, 50, 200, 30} {
		tmux("resize-window", "-x", strconv.Itoa(width), "-y", "20")
		see(fmt.Sprint(width, " columns"), func(lines []string) bool {
			bars, full := 0, 0
			for _, line := range lines {
				if strings.ContainsAny(line, "[]%") {
					bars++
					if len(line) == width-1 && strings.Contains(line, "[") && strings.HasSuffix(line, "s left") {
						full++
					}
				}
			}
			return bars == 1 && full == 1
		})
	}
	if err := os.WriteFile(end, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	see("at the end", func(lines []string) bool {
		return lines[len(lines)-1] == "the end" && !strings.ContainsAny(strings.Join(lines, ""), "[]%")
	})
}
