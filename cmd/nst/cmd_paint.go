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
	onePicture `set:"iterations=350; the demo's are 150"`
}

// Validate is called by kong.
func (p *paintCmd) Validate(ctx *kong.Context) error { return p.prepare(ctx, &p.pictureFlags) }

// demoCmd is nst demo.
type demoCmd struct {
	onePicture `set:"iterations=150"`
}

// Validate is called by kong.
func (d *demoCmd) Validate(ctx *kong.Context) error { return d.prepare(ctx, &pictureFlags{}) }

// onePicture is what the commands have in common that paint a single picture.
type onePicture struct {
	paintingFlags
	painting.Outputs
	reportFlags `group:"See it happen:"`

	job painting.Job
}

// prepare builds the job, of the demo without a content, and checks it.
func (f *onePicture) prepare(ctx *kong.Context, pictures *pictureFlags) error {
	content, styles, err := pictures.pictures()
	if err != nil {
		return err
	}
	if f.job, err = f.paintingFlags.job(ctx, content, styles); err != nil {
		return err
	}
	f.job.Outputs = f.Outputs
	f.job.Out = cmp.Or(f.job.Out, f.job.Name()+".png")
	return f.job.Check()
}

// Run is called by kong.
func (f *onePicture) Run(ctx context.Context, term terminal) error {
	_, err := f.run(ctx, term, f.painter(), f.job)
	return err
}
