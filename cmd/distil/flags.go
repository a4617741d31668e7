package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/vgg"
)

// flags are the command line; kong reads the tags.
type flags struct {
	Teacher string   `required:"" placeholder:"PATH" help:"Weights to learn from: anything that nst takes as --weights."`
	Images  []string `required:"" sep:"none" placeholder:"DIR" help:"Folder of pictures to learn on, with those below it; may be repeated."`
	Styles  []string `sep:"none" placeholder:"DIR" help:"Folder of paintings: what the student paints in the style of, now and then, and learns from too; may be repeated."`
	Out     string   `required:"" placeholder:"DIR" help:"Folder for the weights, the report and the checkpoint. Where it holds a checkpoint, training goes on from there."`

	Widths  []int  `default:"16,32,32,64,64,128,128,128,128,128,192,192,128" placeholder:"N,..." help:"Filters of each convolution from conv1_1 on; as many as the network is to have layers (${default})."`
	Padding string `enum:"teacher,zero,reflect,replicate" default:"teacher" help:"What a convolution finds outside the picture: ${enum} (${default})."`
	From    string `placeholder:"PATH" help:"Weights to start from, of the same shape, such as those of an earlier run; random ones otherwise."`
	Name    string `default:"distilled VGG19" help:"Name of the network in its manifest."`

	Steps     int     `default:"20000" min:"0" max:"1000000000" help:"Steps in which each block learns apart, fed by the teacher (${default})."`
	Rate      float64 `default:"3e-3" above:"0" below:"1" help:"Highest learning rate of these (${default})."`
	Joint     int     `default:"5000" min:"0" max:"1000000000" help:"Steps after these in which the blocks learn together, each fed by the one before (${default})."`
	JointRate float64 `default:"3e-4" above:"0" below:"1" help:"Highest learning rate of these (${default})."`
	Batch     int     `default:"8" min:"1" max:"1024" help:"Pictures in a batch (${default})."`
	Crop      int     `default:"96" min:"32" max:"4096" help:"Sides of these in pixels (${default})."`
	Paint     int     `default:"80" min:"0" max:"1000000000" help:"Steps between pictures that the student paints itself, to learn from; 0 for none (${default})."`
	Seed      uint64  `default:"1" help:"Seed of everything random: the same one gives the same weights (${default})."`

	Report     int  `default:"150" min:"1" max:"1000000000" placeholder:"N" help:"Iterations of the paintings in the report (${default})."`
	Checkpoint int  `default:"500" min:"1" max:"1000000000" help:"Steps between checkpoints (${default})."`
	Threads    int  `default:"0" min:"0" max:"1024" help:"Threads to use; 0 means one per core. The weights are bit-identical for any number."`
	Quiet      bool `short:"q" help:"Print nothing but errors."`
	memory.Guard
}

// Validate is called by kong.
func (f *flags) Validate() error {
	if f.Steps+f.Joint == 0 {
		return fmt.Errorf("--steps and --joint are both 0, which leaves nothing to do")
	}
	if most := len(vgg.LayerNames()); len(f.Widths) < 1 || len(f.Widths) > most {
		return fmt.Errorf("--widths has %d numbers, but VGG19 has 1 to %d convolutions", len(f.Widths), most)
	}
	if err := vgg.CheckWidths(f.Widths); err != nil { // nobody could load the student
		return fmt.Errorf("--widths: %w", err)
	}
	return nil
}

// padding returns the padding mode of the student.
func (f *flags) padding(teacher tensor.PadMode) tensor.PadMode {
	for _, mode := range []tensor.PadMode{tensor.PadZero, tensor.PadReflect, tensor.PadReplicate} {
		if f.Padding == mode.String() {
			return mode
		}
	}
	return teacher
}

// command returns the command line that makes the same weights.
func (f *flags) command() string {
	words := []string{"go run ./cmd/distil"}
	word := func(format string, v ...any) { words = append(words, fmt.Sprintf(format, v...)) }
	word("--teacher %s", filepath.Base(f.Teacher))
	for _, dir := range f.Images {
		word("--images %s", dir)
	}
	for _, dir := range f.Styles {
		word("--styles %s", dir)
	}
	word("--widths %s", strings.Trim(strings.ReplaceAll(fmt.Sprint(f.Widths), " ", ","), "[]"))
	word("--padding %s", f.Padding)
	if f.From != "" {
		word("--from %s", filepath.Base(f.From))
	}
	word("--steps %d --rate %g --joint %d --joint-rate %g", f.Steps, f.Rate, f.Joint, f.JointRate)
	word("--batch %d --crop %d --paint %d --seed %d", f.Batch, f.Crop, f.Paint, f.Seed)
	return strings.Join(words, " ")
}
