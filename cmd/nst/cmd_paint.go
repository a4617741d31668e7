package main

import (
	"cmp"
	"context"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/cmd/internal/painting"
)

// paintCmd is nst paint.
type paintCmd struct {
	pictureFlags
	onePicture
}

// Validate is called by kong.
func (p *paintCmd) Validate(ctx *kong.Context) error {
	content, styles, err := p.pictures()
	if err != nil {
		return err
	}
	return p.prepare(ctx, content, styles)
}

// demoCmd is nst demo.
type demoCmd struct {
	onePicture
}

// Validate is called by kong.
func (d *demoCmd) Validate(ctx *kong.Context) error { return d.prepare(ctx, "", nil) }

// onePicture is what the commands have in common that paint a single picture.
type onePicture struct {
	paintingFlags
	painting.Outputs
	reportFlags `group:"See it happen:"`

	job painting.Job
}

// prepare builds the job, of the demo without a content, and checks it.
func (f *onePicture) prepare(ctx *kong.Context, content string, styles []painting.Style) (err error) {
	if f.job, err = f.paintingFlags.job(given(ctx), content, styles); err != nil {
		return err
	}
	f.job.Outputs = f.Outputs
	f.job.Out = cmp.Or(f.job.Out, f.job.Name()+".png")
	return f.job.Check()
}

// Run is called by kong.
func (f *onePicture) Run(ctx context.Context, term terminal) error {
	_, err := f.run(ctx, term, &painting.Painter{}, f.job)
	return err
}
