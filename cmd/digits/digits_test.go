package main

import (
	"bytes"
	"context"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/tensor"
)

// TestLearns: after a few steps far more digits are read than the tenth that is
// chance.
func TestLearns(t *testing.T) {
	pictures, labels := drawHeldOut(1, 300)
	trainer := newTrainer(plan{seed: 1, steps: 90, batch: 32, rate: 0.01})
	if before := count(trainer.answers(pictures), labels); before > 100 {
		t.Errorf("%d of 300 right before training: the digits give themselves away", before)
	}
	first, _ := trainer.step()
	loss := 0.0
	for range 89 {
		loss, _ = trainer.step()
	}
	if loss > first/2 {
		t.Errorf("the loss went from %v to %v only", first, loss)
	}
	if right := count(trainer.answers(pictures), labels); right < 150 {
		t.Errorf("%d of 300 right after 90 steps, want 150 or more", right)
	}
}

// TestThreads: a seed gives one network, on any number of cores.
func TestThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	train := func(threads int, seed uint64) (values [][]float32) {
		runtime.GOMAXPROCS(threads)
		trainer := newTrainer(plan{seed: seed, steps: 10, batch: 32, pictures: 100, rate: 0.01, dropout: 0.3})
		for range 3 {
			trainer.step()
		}
		for _, p := range trainer.net.Parameters() {
			values = append(values, p.Value.Data())
		}
		return values
	}
	want := train(1, 5)
	for _, threads := range []int{1, 2, 5} {
		for i, got := range train(threads, 5) {
			if !slices.Equal(got, want[i]) {
				t.Errorf("%d threads: parameter %d is another than with one", threads, i)
			}
		}
	}
	if slices.Equal(train(1, 6)[0], want[0]) {
		t.Error("another seed gives the same network")
	}
}

// TestDrawBatch: a picture follows from its number, not from its batch; digits
// held out are others; and all digits are there, with ink in them.
func TestDrawBatch(t *testing.T) {
	numbers := rand.New(rand.NewPCG(1, 1)).Perm(200)
	pictures, labels := drawBatch(1, numbers)
	part, partLabels := drawBatch(1, numbers[150:])
	if !slices.Equal(part.Data(), pictures.Data()[150*side*side:]) || !slices.Equal(partLabels, labels[150:]) {
		t.Error("the last 50 pictures depend on what is drawn with them")
	}
	other, _ := drawHeldOut(1, 200)
	seen := map[[4]float32]bool{}
	for _, batch := range []*tensor.Tensor{pictures, other} {
		for i := range 200 {
			seen[[4]float32(batch.Data()[i*side*side:])] = true
		}
	}
	if len(seen) < 400 {
		t.Errorf("of 400 pictures only %d differ", len(seen))
	}
	var of [digits]int
	for _, label := range labels {
		of[label]++
	}
	if slices.Min(of[:]) < 5 {
		t.Errorf("200 digits are %v of each", of)
	}
}

// TestOutlines: each font has ten different digits, which fill the height they are
// drawn with, in the middle of it.
func TestOutlines(t *testing.T) {
	const n = 40
	for font, of := range outlines() {
		drawn := map[string]bool{}
		for d, o := range of {
			ink := o.ink(n, affine{xx: 30, x0: n / 2, yy: 30, y0: n / 2})
			drawn[string(ink)] = true
			row := func(y int) (sum int) {
				for _, v := range ink[y*n:][:n] {
					sum += int(v)
				}
				return sum
			}
			if row(4) != 0 || row(5) == 0 || row(34) == 0 || row(35) != 0 {
				t.Errorf("font %d: %d does not reach from row 5 to row 34", font, d)
			}
		}
		if len(drawn) != digits {
			t.Errorf("font %d: %d digits differ", font, len(drawn))
		}
	}
}

// TestPictures: of two different pictures, a network sees no third.
func TestPictures(t *testing.T) {
	trainer := newTrainer(plan{seed: 3, steps: 10, batch: 8, pictures: 2, rate: 0.01})
	right := 0
	for range 10 {
		_, right = trainer.step()
	}
	if right != 8 {
		t.Errorf("%d of 8 right after 10 steps with the same two", right)
	}
}

func TestBest(t *testing.T) {
	scores := tensor.New(2, digits)
	scores.Set(-1, 0, 0)
	scores.Set(0.5, 1, 7)
	if got := best(scores); !slices.Equal(got, []int{1, 7}) {
		t.Errorf("best columns %v, want [1 7]", got)
	}
}

func TestTable(t *testing.T) {
	got := table([]int{0, 6, 6, 8, 9}, []int{0, 0, 0, 0, 9})
	for _, line := range []string{
		"     0          4       1   25.00 %   6 (2), 8 (1)\n", "     1          0       0    0.00 %\n",
		"     9          1       1  100.00 %\n", "   all          5       2   40.00 %\n",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("no line %q in\n%s", line, got)
		}
	}
}

// TestSheet: the digit that was read wrong comes first, with its answer in red.
func TestSheet(t *testing.T) {
	pictures, labels := drawHeldOut(1, 10)
	answers := slices.Clone(labels)
	answers[7] = (answers[7] + 1) % digits
	m := sheet(pictures, labels, answers)
	if want := []int{1, 2*sheetHeight + sheetGap, sheetWidth*sheetCell + sheetGap, 3}; !slices.Equal(m.Shape(), want) {
		t.Fatalf("shape %v, want %v", m.Shape(), want)
	}
	if got, want := m.At(0, sheetGap, sheetGap, 1), 255*(1-pictures.At(7, 0, 0, 0)); got != want {
		t.Errorf("the first pixel is %v, want %v of picture 7", got, want)
	}
	colour := func(k int) (red, green float32) { // that is missing in the answer of cell k
		for y := range answerSize {
			for x := range answerSize {
				at := func(c int) float32 {
					return m.At(0, sheetGap+k/sheetWidth*sheetHeight+y, sheetGap+k%sheetWidth*sheetCell+side*zoom+sheetGap/2+x, c)
				}
				red, green = red+255-at(0), green+255-at(1)
			}
		}
		return red, green
	}
	for k := range 10 {
		if red, green := colour(k); (red < green) != (k == 0) || red+green == 0 {
			t.Errorf("answer %d lacks %v of red and %v of green", k, red, green)
		}
	}
}

// TestNetwork: the buffers of its normalisations are not counted as trained.
func TestNetwork(t *testing.T) {
	trainer := newTrainer(plan{})
	const convs, norms, linear = 9 * (1*16 + 16*32 + 32*64), 2 * (16 + 32 + 64), 576*10 + 10
	if got := trainer.size(); got != convs+norms+linear {
		t.Errorf("%d parameters, want %d", got, convs+norms+linear)
	}
}

func TestRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sheet.png")
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), []string{"--steps", "3", "--batch", "8", "--held-out", "20", "--sheet", file}, &stdout, &stderr); code != commandline.ExitOK {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	if !regexp.MustCompile(`(?m)^ +3 +\d\.\d{3} +\d+\.\d\d % +\d+\.\d\d % +\d+\.\d$`).MatchString(stdout.String()) || !strings.Contains(stdout.String(), "\n   all         20 ") {
		t.Errorf("no report of the last step or no table in\n%s", &stdout)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if m, err := png.Decode(f); err != nil || m.Bounds().Dx() != sheetWidth*sheetCell+sheetGap || m.Bounds().Dy() != 3*sheetHeight+sheetGap {
		t.Errorf("the sheet: %v, %v", m.Bounds(), err)
	}
}

// TestErrors: wrong flags and files give one line that says what is wrong.
func TestErrors(t *testing.T) {
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, test := range []struct {
		ctx  context.Context
		args []string
		code int
		want string
	}{
		{context.Background(), []string{"--batch", "0"}, commandline.ExitUsage, "--batch is 0, but must be from 1 to"},
		{context.Background(), []string{"--batch", "1000000000"}, commandline.ExitUsage, "--batch is 1000000000, but must be from 1 to"},
		{context.Background(), []string{"--seed", "-1"}, commandline.ExitUsage, `--seed: "-1" is not a whole number not below 0`},
		{context.Background(), []string{"--steps=-1"}, commandline.ExitUsage, "--steps is -1, but must be from 0 to"},
		{context.Background(), []string{"--dropout", "1"}, commandline.ExitUsage, "--dropout is 1, but must be from 0 to below 1"},
		{context.Background(), []string{"--rate", "NaN"}, commandline.ExitUsage, "--rate is NaN, but must be above 0"},
		{context.Background(), []string{"--rate", "0"}, commandline.ExitUsage, "--rate is 0, but"},
		{context.Background(), []string{"extra"}, commandline.ExitUsage, "unexpected argument extra"},
		{context.Background(), []string{"--sheet", filepath.Join(t.TempDir(), "none", "x.png")}, commandline.ExitFailed, "does not exist"},
		{context.Background(), []string{"--sheet", "x.bmp"}, commandline.ExitUsage, "the extension must be .png"},
		{context.Background(), []string{"--rate", "1e30", "--steps", "3", "--batch", "8", "--held-out", "20"}, commandline.ExitFailed, "--rate 1e+30 is too high"},
		{canceled, []string{"--held-out", "1"}, commandline.ExitInterrupted, ""},
	} {
		var stdout, stderr bytes.Buffer
		code := run(test.ctx, test.args, &stdout, &stderr)
		if code != test.code || !strings.Contains(stderr.String(), test.want) || strings.Count(stderr.String(), "\n") > 1 {
			t.Errorf("%v: exit code %d, want %d; %q, want %q", test.args, code, test.code, &stderr, test.want)
		}
	}
	var stdout bytes.Buffer
	if code := run(context.Background(), []string{"--help"}, &stdout, &stdout); code != commandline.ExitOK || !strings.Contains(stdout.String(), "--held-out") {
		t.Errorf("--help: exit code %d, %s", code, &stdout)
	}
}
