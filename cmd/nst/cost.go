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

	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
	"github.com/brushgrad/brushgrad/tensor/npy"
)

// costCmd is nst cost.
type costCmd struct {
	Content  string `required:"" placeholder:"FILE" help:"Content picture."`
	Image    string `required:"" placeholder:"FILE" help:"Picture to value, of the content's size."`
	Size     int    `default:"0" placeholder:"PIXELS" help:"Scale all pictures so that the longest side is this; 0 leaves them as they are."`
	Gradient string `placeholder:"FILE.npy" help:"Write the gradient with respect to the 0..1 RGB picture, (H,W,3)."`
	Features string `placeholder:"DIR" help:"Write the picture's activations, (H,W,C), one .npy file a layer."`
	JSON     bool   `name:"json" help:"Print one JSON object."`

	networkFlags
	styleFlags
	costFlags
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
func (c *costCmd) Validate() error {
	if c.Size < 0 {
		return fmt.Errorf("--size is %d, but must be a number of pixels, or 0", c.Size)
	}
	// kong, which knows nothing of the style's being required, checks the others later.
	if len(c.Styles) == 0 && c.Content != "" && c.Image != "" {
		return errors.New("missing flags: --style=FILE[=WEIGHT]")
	}
	if c.Size == 0 && c.StyleScale != 1 {
		return errors.New("--style-scale needs a --size to go by; or give --style-size")
	}
	return cmp.Or(c.networkFlags.Validate(), c.styleFlags.validate(""), c.costFlags.Validate(),
		distinctFiles([]string{c.Gradient}, append(c.styleInputs(""), c.Content, c.Image)))
}

// Run is called by kong.
func (c *costCmd) Run(term terminal) error {
	if err := cmp.Or(checkWritable("--gradient", c.Gradient), checkFolder("--features", c.Features)); err != nil {
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
		return fmt.Errorf("%s is %s, but %s is %s; the picture to value must have the content's size",
			c.Image, dimensions(image), c.Content, dimensions(content))
	}
	styles, err := c.load("", content, c.Size)
	if err != nil {
		return err
	}
	net, err := c.network()
	if err != nil {
		return err
	}
	objective, err := nst.NewObjective(net, content, styles, c.costs())
	if err != nil {
		return err
	}
	grad := tensor.New(image.Shape()...)
	cost := objective.Evaluate(image, grad)
	tensor.Scale(grad, grad, 255) // J as a function of the picture divided by 255
	if c.Gradient != "" {
		if err := writeArray(c.Gradient, grad.Reshape(grad.Shape()[1:]...)); err != nil {
			return err
		}
	}
	if c.Features != "" {
		if err := c.writeFeatures(objective, image); err != nil {
			return err
		}
	}
	return c.print(term, cost, grad)
}

func (c *costCmd) writeFeatures(objective *nst.Objective, image *tensor.Tensor) error {
	if err := os.MkdirAll(c.Features, 0o777); err != nil {
		return fmt.Errorf("--features: %w", err)
	}
	for name, a := range objective.Features(image) {
		if err := writeArray(filepath.Join(c.Features, name+".npy"), a.Reshape(a.Shape()[1:]...)); err != nil {
			return err
		}
	}
	return nil
}

func (c *costCmd) print(term terminal, cost nst.Cost, grad *tensor.Tensor) error {
	report := costReport{
		Total: cost.Total, Content: cost.Content, Style: make(map[string]float64),
		GradientNorm: math.Sqrt(tensor.SquaredDistance(grad, tensor.New(grad.Shape()...))),
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

// writeArray writes t as .npy, whole or not at all.
func writeArray(path string, t *tensor.Tensor) error {
	var buf bytes.Buffer
	if err := npy.Write(&buf, t); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return writeFile(path, buf.Bytes())
}

func dimensions(p *tensor.Tensor) string { return fmt.Sprintf("%dx%d", p.Dim(2), p.Dim(1)) }
