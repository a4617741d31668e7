package main

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
	"github.com/brushgrad/brushgrad/vgg"
)

// TestStepAgainstPyTorch repeats four steps that PyTorch has made in float64, two
// with the blocks apart and two jointly.
func TestStepAgainstPyTorch(t *testing.T) {
	golden, err := npy.ReadZip(filepath.Join("testdata", "step.npz"))
	if err != nil {
		t.Fatal(err)
	}
	input := vgg.Input{Channels: "RGB", Scale: 255, Mean: [3]float32{100, 110, 120}, Std: [3]float32{64, 64, 64}}
	teacherWeights := &vgg.Weights{Padding: tensor.PadReflect, Input: input}
	names := vgg.LayerNames()[:10]
	var widths []int
	for _, name := range names {
		teacherWeights.Convs = append(teacherWeights.Convs, vgg.Conv{Name: name, Weight: golden["teacher."+name+".weight"], Bias: golden["teacher."+name+".bias"]})
		widths = append(widths, golden["before."+name+".bias"].Len())
	}
	s := newStudent(rand.New(rand.NewPCG(1, 0)), widths, tensor.PadReflect, input)
	for i, c := range s.convs {
		c.Weight.CopyFrom(golden["before."+names[i]+".weight"])
		c.Bias.CopyFrom(golden["before."+names[i]+".bias"])
	}
	teacher, err := newTeacher(teacherWeights, s, golden["batch"])
	if err != nil {
		t.Fatal(err)
	}
	copy(s.scales, golden["scales"].Data())
	trainer := newTrainer(s, teacher)
	for i, joint := range []bool{false, false, true, true} {
		losses, err := trainer.step(golden["batch"], 1e-2, joint)
		if err != nil {
			t.Fatal(err)
		}
		for k, want := range golden["losses."+string(rune('0'+i))].Data() {
			if got := losses[k]; math.Abs(got-float64(want)) > 1e-4*float64(want) {
				t.Errorf("step %d, loss %d: %v, want %v", i, k, got, want)
			}
		}
	}
	// Adam divides by the size of a gradient: where that is close to 0, rounding
	// decides about a whole step, so weights are compared as a whole.
	for i, c := range s.convs {
		for part, got := range map[string]*tensor.Tensor{".weight": c.Weight, ".bias": c.Bias} {
			want, before := golden["after."+names[i]+part], golden["before."+names[i]+part]
			if d, moved := tensor.SquaredDistance(got, want), tensor.SquaredDistance(before, want); d > 1e-4*moved {
				t.Errorf("%s%s: squared distance %v, of a way of %v", names[i], part, d, moved)
			}
		}
	}
}

// BenchmarkStep is a step of training a student of vgg19-slim16's widths, the
// teacher included; testdata/torch_step.py bench does the same with PyTorch.
func BenchmarkStep(b *testing.B) {
	widths := []int{16, 16, 32, 32, 64, 64, 64, 64, 128, 128, 128, 128, 128}
	teacherWeights := vgg.Random(4, 1)
	teacherWeights.Convs = teacherWeights.Convs[:len(widths)]
	batch := tensor.New(8, 96, 96, 3)
	rng := rand.New(rand.NewPCG(1, 0))
	for i := range batch.Data() {
		batch.Data()[i] = 255 * rng.Float32()
	}
	s := newStudent(rng, widths, tensor.PadReflect, studentInput(teacherWeights.Input))
	teacher, err := newTeacher(teacherWeights, s, batch)
	if err != nil {
		b.Fatal(err)
	}
	trainer := newTrainer(s, teacher)
	for b.Loop() {
		if _, err := trainer.step(batch, 1e-3, false); err != nil {
			b.Fatal(err)
		}
	}
}
