package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
	"github.com/brushgrad/brushgrad/cmd/internal/picture"
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
	painting.StyleSizing `group:"Style and colour:"`
	painting.Network     `group:"Network:"`

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
func (c *costCmd) Validate() (err error) {
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
func (c *costCmd) Run(term terminal) error {
	files := c.files()
	if err := files.CheckWritable(); err != nil {
		return err
	}
	var pictures []*tensor.Tensor
	for _, path := range []string{c.Content, c.Image} {
		p, err := picture.Load(path, c.Size)
		if err != nil {
			return err
		}
		pictures = append(pictures, p)
	}
	content, image := pictures[0], pictures[1]
	if !tensor.SameShape(content, image) {
		return fmt.Errorf("%s is %s, but %s is %s; the picture to evaluate must have the content's size",
			c.Image, picture.Dimensions(image), c.Content, picture.Dimensions(content))
	}
	styles, err := painting.LoadStyles(c.styles, c.StyleSizing, content, c.Size)
	if err != nil {
		return err
	}
	var painter painting.Painter
	net, err := painter.Network(c.Network)
	if err != nil {
		return err
	}
	costs := c.Costs.Engine()
	costs.NormalizeGradients = c.NormalizeGradients
	objective, err := nst.NewObjective(net, content, styles, costs)
	if err != nil {
		return err
	}
	grad := tensor.New(image.Shape()...)
	cost := objective.Evaluate(image, grad)
	tensor.Scale(grad, grad, 255) // J as a function of the picture divided by 255
	if c.Gradient != "" {
		if err := writeArray(files, "--gradient", c.Gradient, grad); err != nil {
			return err
		}
	}
	if c.Features != "" {
		if err := c.writeFeatures(files, objective, image); err != nil {
			return err
		}
	}
	return c.print(term, cost, grad)
}

func (c *costCmd) writeFeatures(files *outfile.Set, objective *nst.Objective, image *tensor.Tensor) error {
	if err := os.MkdirAll(c.Features, 0o777); err != nil {
		return fmt.Errorf("--features: %w", err)
	}
	for name, a := range objective.Features(image) {
		if err := writeArray(files, "--features", filepath.Join(c.Features, name+".npy"), a); err != nil {
			return err
		}
	}
	return nil
}

func (c *costCmd) print(term terminal, cost nst.Cost, grad *tensor.Tensor) error {
	report := costReport{
		Total: cost.Total, Content: cost.Content, Style: make(map[string]float64),
		GradientNorm: math.Sqrt(tensor.SquaredNorm(grad)),
		Alpha:        c.Alpha, Beta: c.Beta,
	}
	for _, l := range cost.Layers {
		report.Style[l.Name] = l.Value
	}
	if len(cost.Regions) > 1 {
		report.Regions = cost.Regions
	}
	if c.TV > 0 {
		report.TV = &cost.TV
	}
	if slices.ContainsFunc([]float64{report.Total, report.GradientNorm}, func(v float64) bool { return v-v != 0 }) {
		return fmt.Errorf("the cost is %v and its gradient has norm %v: not finite, so --alpha, --beta or --tv is too large, or the --weights are no good", report.Total, report.GradientNorm)
	}
	if c.JSON {
		return json.NewEncoder(term.stdout).Encode(report)
	}
	fmt.Fprintf(term.stdout, "total     %12.6g\n", report.Total)
	fmt.Fprintf(term.stdout, "content   %12.6g  x alpha %g\n", report.Content, c.Alpha)
	fmt.Fprintf(term.stdout, "style     %12.6g  x beta %g\n", cost.Style, c.Beta)
	for _, l := range cost.Layers {
		fmt.Fprintf(term.stdout, "  %-8s%12.6g\n", l.Name, l.Value)
	}
	for i, v := range report.Regions {
		fmt.Fprintf(term.stdout, "  region %d%11.6g\n", i+1, v)
	}
	if c.TV > 0 {
		fmt.Fprintf(term.stdout, "tv        %12.6g  x %g\n", cost.TV, c.TV)
	}
	_, err := fmt.Fprintf(term.stdout, "gradient  %12.6g  (norm, for values in 0..1)\n", report.GradientNorm)
	return err
}

// writeArray writes an array of shape (1,H,W,C) as .npy of shape (H,W,C).
func writeArray(files *outfile.Set, flag, path string, t *tensor.Tensor) error {
	return files.Write(flag, path, func() ([]byte, error) {
		var buf bytes.Buffer
		err := npy.Write(&buf, t.Reshape(t.Shape()[1:]...))
		return buf.Bytes(), err
	})
}
