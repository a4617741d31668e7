package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/cmd/internal/memory"
	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// costCmd is nst cost.
type costCmd struct {
	Content  string `required:"" placeholder:"FILE" group:"Pictures in and out:" help:"Content picture."`
	Image    string `required:"" placeholder:"FILE" group:"Pictures in and out:" help:"Picture to evaluate, of the content's size."`
	Size     int    `default:"0" min:"0" placeholder:"PIXELS" group:"Pictures in and out:" help:"Scale all pictures to this longest side; 0 leaves them as they are."`
	Gradient string `placeholder:"FILE.npy" group:"Pictures in and out:" help:"Write the gradient with respect to the 0..1 RGB picture, (H,W,3)."`
	Features string `placeholder:"DIR" group:"Pictures in and out:" help:"Write the picture's activations, (H,W,C), one .npy file per layer."`
	JSON     bool   `name:"json" group:"Pictures in and out:" help:"Print one JSON object."`
	styleFlags
	painting.Costs       `group:"What is painted:"`
	NormalizeGradients   bool `group:"What is painted:" help:"In --gradient, scale each layer's gradient to the layer's weight, whatever its cost, as neural-style does. The costs stay the same."`
	painting.Reading     `group:"Pictures in and out:"`
	painting.StyleSizing `group:"Style and colour:"`
	painting.Network     `group:"Network:"`
	memory.Guard         `group:"Network:"`

	styles []painting.Style
}

// costReport is the JSON that nst cost prints.
type costReport struct {
	Total        float64            `json:"total"`
	Content      float64            `json:"content"`
	Style        map[string]float64 `json:"style"`
	Regions      []float64          `json:"regions,omitempty"` // where there are several
	TV           *float64           `json:"tv,omitempty"`
	GradientNorm float64            `json:"gradient_norm"`
	Alpha        float64            `json:"alpha"`
	Beta         float64            `json:"beta"`
}

// Validate is called by kong.
func (c *costCmd) Validate(ctx *kong.Context) (err error) {
	if err := c.Costs.ApplyDefaults(givenFlags(ctx), "gram"); err != nil {
		return err
	}
	// kong, which knows nothing of the style's being required, checks the others later.
	if len(c.Styles) == 0 && c.Content != "" && c.Image != "" {
		return errors.New("missing flags: --style=FILE[=WEIGHT]")
	}
	if c.Size == 0 && c.StyleScale != 1 {
		return errors.New("--style-scale needs a --size to go by; or give --style-size")
	}
	c.styles, err = c.parse()
	return cmp.Or(err, c.StyleSizing.Check(), c.Costs.Check(), c.files().CheckNames())
}

// files returns the files that are read and written.
func (c *costCmd) files() *outfile.Set {
	files := &outfile.Set{}
	files.Read(c.Content, c.Image)
	for _, s := range c.styles {
		files.Read(s.File, s.Mask, s.StyleMask)
	}
	files.File("--gradient", c.Gradient)
	files.Folder("--features", c.Features)
	return files
}

// Run is called by kong.
func (c *costCmd) Run(ctx context.Context, term terminal) error {
	files := c.files()
	if err := files.CheckWritable(); err != nil {
		return err
	}
	costs := c.Costs.Engine()
	costs.NormalizeGradients = c.NormalizeGradients
	done, err := (&painting.Painter{Guard: c.Guard}).Evaluate(ctx, painting.Evaluation{
		Content: c.Content, Image: c.Image, Size: c.Size, Styles: c.styles, StyleSizing: c.StyleSizing, Reading: c.Reading,
		Costs: costs, Network: c.Network, Features: c.Features != "",
	})
	if err != nil {
		return err
	}
	cost, grad := done.Cost, done.Gradient
	tensor.Scale(grad, grad, 255) // J as a function of the picture divided by 255
	if c.Gradient != "" {
		if err := writeArray(files, "--gradient", c.Gradient, grad); err != nil {
			return err
		}
	}
	for name, a := range done.Features {
		if err := writeArray(files, "--features", filepath.Join(c.Features, name+".npy"), a); err != nil {
			return err
		}
	}
	return c.print(term, cost, math.Sqrt(tensor.SquaredNorm(grad)))
}

func (c *costCmd) print(term terminal, cost nst.Cost, norm float64) error {
	if 0*cost.Total+0*norm != 0 { // NaN, if one is not finite
		return fmt.Errorf("the cost is %v and its gradient has norm %v: not finite, so --alpha, --beta or --tv is too large, or the --weights are unusable", cost.Total, norm)
	}
	beta := c.Costs.Engine().Beta // with the strength
	report := costReport{Total: cost.Total, Content: cost.Content, Style: make(map[string]float64), GradientNorm: norm, Alpha: c.Alpha, Beta: beta}
	var text strings.Builder
	line := func(name string, value float64, more string) {
		fmt.Fprintf(&text, "%-10s%12.6g%s\n", name, value, more)
	}
	line("total", cost.Total, "")
	line("content", cost.Content, fmt.Sprintf("  x alpha %g", c.Alpha))
	line("style", cost.Style, fmt.Sprintf("  x beta %g", beta))
	for _, l := range cost.Layers {
		report.Style[l.Name] = l.Value
		line("  "+l.Name, l.Value, "")
	}
	if len(cost.Regions) > 1 {
		report.Regions = cost.Regions
	}
	for i, v := range report.Regions {
		line(fmt.Sprintf("  region %d", i+1), v, "")
	}
	if c.TV > 0 {
		report.TV = &cost.TV
		line("tv", cost.TV, fmt.Sprintf("  x %g", c.TV))
	}
	line("gradient", norm, "  (norm, for values in 0..1)")
	if c.JSON {
		return json.NewEncoder(term.stdout).Encode(report)
	}
	_, err := io.WriteString(term.stdout, text.String())
	return err
}

// writeArray writes an array of shape (1,H,W,C) as .npy of shape (H,W,C).
func writeArray(files *outfile.Set, flag, path string, t *tensor.Tensor) error {
	return files.Write(flag, path, func() ([]byte, error) {
		var buf bytes.Buffer
		buf.Grow(4*t.Len() + 256) // the header has 128 bytes; to grow by doubling would take twice that
		err := npy.Write(&buf, t.Reshape(t.Shape()[1:]...))
		return buf.Bytes(), err
	})
}
