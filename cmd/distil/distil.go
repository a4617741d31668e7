package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/vgg"
)

// A training is a run of the program.
type training struct {
	flags     *flags
	source    *source
	test      library
	trainer   *trainer
	teacher   *vgg.Weights
	log       *curve
	step      int           // done
	before    time.Duration // spent on the steps before this run
	start     time.Time     // of the steps of this run; zero before and after them
	paintings *paintings
}

// Streams of random numbers besides those of the batches, which count from 0.
const (
	streamWeights = 1<<63 + iota
	streamCalibration
	streamPaintings
)

// distil trains until all steps are done or ctx ends.
func (f *flags) distil(ctx context.Context, stdout, stderr io.Writer) error {
	if f.Quiet {
		stdout = io.Discard
	}
	if f.Threads > 0 {
		runtime.GOMAXPROCS(f.Threads)
	}
	t, err := f.prepare(stdout, stderr)
	if err != nil {
		return err
	}
	defer t.log.close()
	if err := t.train(ctx, stdout); err != nil {
		return err
	}
	return t.finish(stdout)
}

// prepare loads everything and, where there is a checkpoint, what it holds.
func (f *flags) prepare(stdout, stderr io.Writer) (*training, error) {
	teacherWeights, err := vgg.Load(f.Teacher)
	if err != nil {
		return nil, fmt.Errorf("--teacher: %w", err)
	}
	if err := os.MkdirAll(f.Out, 0o755); err != nil {
		return nil, fmt.Errorf("--out: %w", err)
	}
	t := &training{flags: f, teacher: teacherWeights, paintings: newPaintings(2 * f.Crop)}
	fmt.Fprintln(stdout, "Reading the pictures.")
	all, err := loadLibrary(f.Images, t.paintings.size, stderr)
	if err != nil {
		return nil, fmt.Errorf("--images: %w", err)
	}
	if len(all) < heldOut {
		return nil, fmt.Errorf("--images: %d different pictures of at least %d pixels a side in %s; training needs %d or more",
			len(all), t.paintings.size, strings.Join(f.Images, ", "), heldOut)
	}
	styles, err := loadLibrary(f.Styles, t.paintings.size, stderr)
	if err != nil {
		return nil, fmt.Errorf("--styles: %w", err)
	}
	photographs, test := all.holdOut()
	fmt.Fprintf(stdout, "%d pictures and %d paintings to learn from, %d pictures to test with.\n", len(photographs), len(styles), len(test))
	t.test = test
	t.source = &source{photographs: photographs, styles: styles, paintings: t.paintings, seed: f.Seed, size: f.Crop, count: f.Batch}

	s := newStudent(rand.New(rand.NewPCG(f.Seed, streamWeights)), f.Widths, f.padding(teacherWeights.Padding), studentInput(teacherWeights.Input))
	calibration := &source{photographs: photographs, paintings: &paintings{}, seed: f.Seed ^ streamCalibration, size: f.Crop, count: 32}
	teacher, err := newTeacher(teacherWeights, s, calibration.batch(0))
	if err != nil {
		return nil, fmt.Errorf("--teacher: %s: %w", f.Teacher, err)
	}
	if f.From != "" {
		w, err := vgg.Load(f.From)
		if err != nil {
			return nil, fmt.Errorf("--from: %w", err)
		}
		if err := s.setWeights(w); err != nil {
			return nil, fmt.Errorf("--from: %s: %w", f.From, err)
		}
	}
	t.trainer = newTrainer(s, teacher)
	if err := t.resume(stdout); err != nil {
		return nil, err
	}
	t.log, err = openCurve(f.Out, t.step, len(t.trainer.student.supervised))
	return t, err
}

// train makes the steps that are left.
func (t *training) train(ctx context.Context, stdout io.Writer) error {
	f := t.flags
	t.start = time.Now()
	defer func() { t.before, t.start = t.spent(), time.Time{} }()
	show := newProgress(stdout, f.Steps+f.Joint, t.trainer.student.supervised)
	defer show.end()
	for t.step < f.Steps+f.Joint {
		if ctx.Err() != nil {
			if err := t.save(); err != nil {
				return err
			}
			return fmt.Errorf("%w; the same command goes on from here", commandline.ErrInterrupted)
		}
		if f.Paint > 0 && t.step%f.Paint == 0 && t.step > 0 {
			rng := rand.New(rand.NewPCG(f.Seed^streamPaintings, uint64(t.step)))
			if err := t.paintings.paint(rng, t.trainer.student.weights(), t.source.photographs, t.source.styles); err != nil {
				return err
			}
		}
		rate, joint := t.rate()
		losses, err := t.trainer.step(t.source.batch(t.step), rate, joint)
		if err != nil {
			return err
		}
		t.step++
		t.log.add(t.step, t.step == f.Steps+f.Joint, rate, t.spent(), losses)
		show.update(t.step, t.log.mean())
		if t.step%f.Checkpoint == 0 || t.step == f.Steps+f.Joint {
			if err := t.save(); err != nil {
				return err
			}
		}
	}
	return nil
}

// rate returns the learning rate of the next step, and whether the blocks learn
// jointly.
func (t *training) rate() (rate float64, joint bool) {
	f := t.flags
	steps, peak, step := f.Steps, f.Rate, t.step
	if joint = step >= f.Steps; joint {
		steps, peak, step = f.Joint, f.JointRate, step-f.Steps
	}
	schedule := optim.Cosine{Peak: peak, Final: peak / 100, Warmup: min(200, steps/10), Steps: steps}
	return schedule.Rate(step), joint
}

// spent returns the time that the steps have taken, those of earlier runs
// included.
func (t *training) spent() time.Duration {
	if t.start.IsZero() {
		return t.before
	}
	return t.before + time.Since(t.start)
}
