package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/brushgrad/brushgrad/autodiff/optim"
	"github.com/brushgrad/brushgrad/cmd/internal/commandline"
	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
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
	start     string   // what the student starts from: random, or the hash of --from
	images    []string // the lists of the pictures, see loadLibrary
	styles    []string
	step      int           // done
	before    time.Duration // spent on the steps before this run
	begun     time.Time     // of the steps of this run; zero before and after them
	paintings *paintings
	release   func() error // unlocks --out
	unlimit   func()       // the memory
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
	defer t.close()
	if err := t.train(ctx, stdout); err != nil {
		return err
	}
	return t.finish(stdout)
}

// prepare locks --out, loads everything and, where there is a checkpoint, what it holds.
func (f *flags) prepare(stdout, stderr io.Writer) (*training, error) {
	if err := painting.CheckWeights(f.Guard, f.Teacher); err != nil {
		return nil, fmt.Errorf("--teacher: %w", err)
	}
	teacherWeights, err := vgg.Load(f.Teacher)
	if err != nil {
		return nil, fmt.Errorf("--teacher: %w", err)
	}
	images, err := listPictures(f.Images)
	if err != nil {
		return nil, fmt.Errorf("--images: %w", err)
	}
	styles, err := listPictures(f.Styles)
	if err != nil {
		return nil, fmt.Errorf("--styles: %w", err)
	}
	need, err := f.checkMemory(slices.Concat(images, styles), teacherWeights)
	if err != nil {
		return nil, err
	}
	t := &training{flags: f, teacher: teacherWeights, paintings: newPaintings(2 * f.Crop)}
	if t.release, err = openOut(f.Out); err != nil {
		return nil, fmt.Errorf("--out: %w", err)
	}
	t.unlimit = memory.Within(need)
	if err := t.load(images, styles, stdout, stderr); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// close ends the curve and unlocks --out.
func (t *training) close() {
	if t.log != nil {
		_ = t.log.close() // finish has returned the error
	}
	t.unlimit()
	_ = t.release() // the end of the process does it otherwise
}

// calibrationBatch is the number of pictures that the scales of the layers come from.
const calibrationBatch = 32

// load loads everything but the teacher.
func (t *training) load(imageFiles, styleFiles []pictureFile, stdout, stderr io.Writer) error {
	f, teacherWeights := t.flags, t.teacher
	fmt.Fprintln(stdout, "Reading the pictures.")
	all, imagesList := loadLibrary(imageFiles, t.paintings.size, stderr)
	if len(all) < heldOut {
		return fmt.Errorf("--images: %d different pictures of at least %d pixels a side in %s; training needs %d or more",
			len(all), t.paintings.size, strings.Join(f.Images, ", "), heldOut)
	}
	styles, stylesList := loadLibrary(styleFiles, t.paintings.size, stderr)
	t.images, t.styles = imagesList, stylesList
	photographs, test := all.holdOut()
	fmt.Fprintf(stdout, "%d pictures and %d paintings to learn from, %d pictures to test with.\n", len(photographs), len(styles), len(test))
	t.test = test
	t.source = &source{photographs: photographs, styles: styles, paintings: t.paintings, seed: f.Seed, size: f.Crop, count: f.Batch}

	s := newStudent(rand.New(rand.NewPCG(f.Seed, streamWeights)), f.Widths, f.padding(teacherWeights.Padding), studentInput(teacherWeights.Input))
	calibration := &source{photographs: photographs, paintings: &paintings{}, seed: f.Seed ^ streamCalibration, size: f.Crop, count: calibrationBatch}
	teacher, err := newTeacher(teacherWeights, s, calibration.batch(0))
	if err != nil {
		return fmt.Errorf("--teacher: %s: %w", f.Teacher, err)
	}
	t.start = "random"
	if f.From != "" {
		w, err := vgg.Load(f.From)
		if err != nil {
			return fmt.Errorf("--from: %w", err)
		}
		t.start = w.Hash()
		if err := s.setWeights(w); err != nil {
			return fmt.Errorf("--from: %s: %w", f.From, err)
		}
	}
	t.trainer = newTrainer(s, teacher)
	if err := t.resume(stdout); err != nil {
		return err
	}
	t.log, err = openCurve(f.Out, t.step, len(t.trainer.student.supervised))
	return err
}

// train makes the steps that are left.
func (t *training) train(ctx context.Context, stdout io.Writer) error {
	f := t.flags
	t.begun = time.Now()
	defer func() { t.before, t.begun = t.spent(), time.Time{} }()
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
	if t.begun.IsZero() {
		return t.before
	}
	return t.before + time.Since(t.begun)
}
