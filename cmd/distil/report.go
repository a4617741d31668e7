package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"

	"github.com/brushgrad/brushgrad/cmd/internal/outfile"

	"github.com/brushgrad/brushgrad/cmd/internal/chart"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
	"github.com/brushgrad/brushgrad/vgg"
)

// weightsName is the folder in --out that the weights are written to.
const weightsName = "weights"

// finish writes what the training was for, into --out:
//
//	weights/       the student, in float16, for nst
//	report.md      its errors on pictures that it has not seen, and its paintings
//	curve.png      how the losses fell
//	paintings.png  pictures painted with the teacher and with the student
func (t *training) finish(stdout io.Writer) error {
	if err := t.log.close(); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "Testing the student.")
	// What is tested is what is shipped, rounded to float16.
	if err := t.writeWeights(t.describe()); err != nil {
		return err
	}
	rounded, err := vgg.Load(t.weightsFolder())
	if err != nil {
		return err
	}
	w := t.describe()
	if err := t.trainer.student.setWeights(rounded); err != nil {
		return err
	}
	photographs, textures := t.testErrors()
	w.Trained.Errors = map[string]float64{}
	for i, name := range t.trainer.student.supervised {
		w.Trained.Errors[name] = math.Round(photographs[i]*1e5) / 1e5
	}
	if err := t.writeWeights(w); err != nil {
		return err
	}

	pairs, err := t.paintPairs(rounded)
	if err != nil {
		return err
	}
	report := t.report(w, photographs, textures, pairs)
	if err := outfile.Write(filepath.Join(t.flags.Out, "report.md"), []byte(report)); err != nil {
		return err
	}
	if err := picture.Save(filepath.Join(t.flags.Out, "paintings.png"), sheet(pairs)); err != nil {
		return err
	}
	if err := t.drawCurve(filepath.Join(t.flags.Out, "curve.png")); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\n%s\nThe weights are in %s:\n    nst photo.jpg painting.jpg --weights %[2]s\n", report, t.weightsFolder())
	return nil
}

// describe returns the student's weights with an account of where they come from.
func (t *training) describe() *vgg.Weights {
	w := t.trainer.student.weights()
	w.Name, w.License = t.flags.Name, t.teacher.License
	w.Source = "distilled from " + t.teacher.Name + " by Brushgrad's cmd/distil"
	w.Trained = &vgg.Training{
		Command: t.flags.command(), Teacher: strings.TrimSuffix(t.teacher.Name+": "+t.teacher.Source, ": "), TeacherLicense: t.teacher.License,
		Pictures: len(t.source.photographs) + len(t.source.styles), Seed: t.flags.Seed, Steps: t.step, Hours: math.Round(t.spent().Hours()*100) / 100,
	}
	return w
}

func (t *training) weightsFolder() string { return filepath.Join(t.flags.Out, weightsName) }

// writeWeights writes weights into the folder that may hold those of before. These
// stay until the new ones are on the disk.
func (t *training) writeWeights(w *vgg.Weights) error {
	err := outfile.WriteFolder(t.weightsFolder(), func(fresh string) error { return w.WriteFolder(fresh, npy.WriteFloat16) })
	if err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	return nil
}

// testBatches is how many batches of each kind the student is tested with.
const testBatches = 16

// testErrors returns the errors by supervised layer on pictures held out, as
// they are and with the noise and textures of the training.
func (t *training) testErrors() (photographs, textures []float64) {
	var plain, mixed []*tensor.Tensor
	test := source{photographs: t.test, paintings: newPaintings(t.flags.Crop), seed: 1, size: t.flags.Crop, count: t.flags.Batch}
	rng := rand.New(rand.NewPCG(1, 0))
	for i := range testBatches {
		b := tensor.New(test.count, test.size, test.size, 3)
		for k := range test.count {
			copy(b.Data()[k*test.size*test.size*3:], t.test.crop(rng, test.size))
		}
		plain, mixed = append(plain, b), append(mixed, test.batch(i))
	}
	return t.trainer.evaluate(plain), t.trainer.evaluate(mixed)
}

// report returns the text of report.md.
func (t *training) report(w *vgg.Weights, photographs, textures []float64, pairs []pair) string {
	var b strings.Builder
	count := 0
	for _, c := range w.Convs {
		count += c.Weight.Len() + c.Bias.Len()
	}
	fmt.Fprintf(&b, "# %s\n\n%d parameters in %d layers, distilled from %s in %d steps and %.2f hours.\n\n",
		w.Name, count, len(w.Convs), t.teacher.Name, w.Trained.Steps, w.Trained.Hours)
	fmt.Fprint(&b, "Squared error of the activations relative to the teacher's, on pictures held out:\n\n| layer | photographs | with noise and textures |\n| --- | --- | --- |\n")
	for i, name := range t.trainer.student.supervised {
		fmt.Fprintf(&b, "| %s | %.4f | %.4f |\n", name, photographs[i], textures[i])
	}
	fmt.Fprint(&b, "\nPaintings of pictures held out (paintings.png: content, style, teacher's, student's), style cost left as the teacher values it:\n\n| | teacher's | student's | ratio |\n| --- | --- | --- | --- |\n")
	for i, p := range pairs {
		fmt.Fprintf(&b, "| %d | %.4f | %.4f | %.2f |\n", i+1, p.teacherLeft, p.studentLeft, p.studentLeft/p.teacherLeft)
	}
	return b.String()
}

// drawCurve draws the losses against the steps. There may be none, if somebody has
// removed curve.jsonl when all steps were done.
func (t *training) drawCurve(path string) error {
	if len(t.log.points) == 0 {
		return nil
	}
	var series []chart.Series
	for i, name := range t.trainer.student.supervised {
		s := chart.Series{Name: name}
		for _, p := range t.log.points {
			s.X, s.Y = append(s.X, float64(p.Step)), append(s.Y, p.Losses[i])
		}
		series = append(series, s)
	}
	data, err := chart.PNG("Loss, relative to the teacher's activations", "steps", series)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return outfile.Write(path, data)
}
