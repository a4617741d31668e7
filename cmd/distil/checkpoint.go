package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/brushgrad/brushgrad/cmd/internal/option"
	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/layers"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// The files of a checkpoint, in a folder of this name within --out.
const (
	checkpointFolder = "checkpoint"
	studentFile      = "student.npz"   // parameters and the state of Adam
	paintingsFile    = "paintings.npz" // absent as long as there are none
	runFile          = "run.json"
)

// runRecord is what run.json holds.
type runRecord struct {
	Step     int            `json:"step"`
	Seconds  float64        `json:"seconds"`
	Drawn    int            `json:"paintings_drawn"`
	Settings map[string]any `json:"settings"`
	Images   []string       `json:"images"` // the pictures of --images and --styles, see loadLibrary
	Styles   []string       `json:"styles"`
}

// settings are the flags that have an influence on the weights, and the weights that
// the training begins with.
func (t *training) settings() map[string]any {
	f := t.flags
	text, err := json.Marshal(map[string]any{
		"teacher": t.teacher.Hash(), "widths": f.Widths, "padding": t.trainer.student.padding.String(),
		"start": t.start, "steps": f.Steps, "rate": f.Rate, "joint": f.Joint, "joint-rate": f.JointRate,
		"batch": f.Batch, "crop": f.Crop, "paint": f.Paint, "seed": f.Seed,
	})
	if err != nil {
		panic(err) // numbers and strings
	}
	var settings map[string]any // with the types that reading a file gives
	if err := json.Unmarshal(text, &settings); err != nil {
		panic(err)
	}
	return settings
}

// save writes a checkpoint, and the weights so far for whoever wants to try them.
// The checkpoint before stays until the new one is on the disk.
func (t *training) save() error {
	if err := t.log.sync(); err != nil {
		return err
	}
	if err := outfile.WriteFolder(filepath.Join(t.flags.Out, checkpointFolder), t.writeCheckpoint); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return t.writeWeights(t.describe())
}

// writeCheckpoint writes a checkpoint into a new folder.
func (t *training) writeCheckpoint(dir string) error {
	run, err := json.MarshalIndent(runRecord{t.step, t.spent().Seconds(), t.paintings.drawn, t.settings(), t.images, t.styles}, "", " ")
	if err != nil {
		return err
	}
	pictures := map[string]*tensor.Tensor{}
	for i, p := range t.paintings.ring[:t.paintings.count()] {
		pictures[fmt.Sprintf("%03d", i)] = tensor.FromSlice(p, t.paintings.size, t.paintings.size, 3)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, runFile), append(run, '\n'), 0o644),
		create(filepath.Join(dir, studentFile), func(w io.Writer) error {
			return layers.Write(w, t.trainer.net, t.trainer.adam.State())
		}),
		create(filepath.Join(dir, paintingsFile), func(w io.Writer) error { return npy.WriteZip(w, pictures) }),
	)
}

func create(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// maxRun bounds run.json, which has some hundred bytes for each picture.
const maxRun = 16 << 20

// readRun reads a run.json. Errors are one short line.
func readRun(path string) (run runRecord, err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return run, fmt.Errorf("%s: not a regular file", path) // opening a pipe could wait for ever
	}
	f, err := os.Open(path)
	if err != nil {
		return run, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxRun+1))
	if err != nil {
		return run, err
	}
	if len(text) > maxRun {
		return run, fmt.Errorf("%s: the file is larger than %d MiB, the most that is read", path, maxRun>>20)
	}
	if err := json.Unmarshal(text, &run); err != nil {
		return run, fmt.Errorf("%s: not the record of a training: %s", path, option.OneLine(err.Error()))
	}
	return run, nil
}

// resume reads the checkpoint, if there is one.
func (t *training) resume(stdout io.Writer) error {
	dir := filepath.Join(t.flags.Out, checkpointFolder)
	run, err := readRun(filepath.Join(dir, runFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := t.sameTraining(run); err != nil {
		return err
	}
	state, err := layers.Read(filepath.Join(dir, studentFile), t.trainer.net)
	if err != nil {
		return err
	}
	if err := t.trainer.adam.SetState(state); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, studentFile), err)
	}
	if err := t.paintings.read(filepath.Join(dir, paintingsFile), run.Drawn); err != nil {
		return err
	}
	if state.Steps != run.Step || run.Step > t.flags.Steps+t.flags.Joint {
		return fmt.Errorf("%s: %s is of step %d, %s of step %d: they do not belong together", dir, runFile, run.Step, studentFile, state.Steps)
	}
	t.step, t.before = run.Step, time.Duration(run.Seconds*float64(time.Second))
	fmt.Fprintf(stdout, "Going on after step %d.\n", t.step)
	return nil
}

// read fills the ring from a file, after so many pictures drawn.
func (p *paintings) read(path string, drawn int) error {
	pictures, err := npy.ReadZip(path)
	if err != nil {
		return err
	}
	p.drawn = drawn
	if len(pictures) != p.count() || drawn < 0 {
		return fmt.Errorf("%s: %d pictures, want %d", path, len(pictures), p.count())
	}
	for i := range p.count() {
		picture := pictures[fmt.Sprintf("%03d", i)]
		if picture == nil || !slices.Equal(picture.Shape(), []int{p.size, p.size, 3}) {
			return fmt.Errorf("%s: picture %03d is missing or not of shape [%d %d 3]", path, i, p.size, p.size)
		}
		p.ring[i] = picture.Data()
	}
	return nil
}
