package main

import (
	"cmp"
	"context"

	"github.com/alecthomas/kong"

	"github.com/brushgrad/brushgrad/cmd/internal/outfile"
	"github.com/brushgrad/brushgrad/cmd/internal/painting"
)

// paintCmd is nst paint.
type paintCmd struct {
	pictureFlags
	onePicture
}

// Validate is called by kong.
func (p *paintCmd) Validate(ctx *kong.Context) error { return p.prepare(ctx, &p.pictureFlags) }

// demoCmd is nst demo.
type demoCmd struct {
	onePicture
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
	if f.job, err = f.paintingFlags.job(ctx, content, styles, nil, nil); err != nil {
		return err
	}
	f.job.Outputs = f.Outputs
	f.job.Out = cmp.Or(f.job.Out, f.job.Name()+".png")
	return cmp.Or(f.job.Check(), checkEffects(ctx, []painting.Job{f.job}))
}

// Run is called by kong.
func (f *onePicture) Run(ctx context.Context, term terminal) error {
	release, err := unusedName(&f.job.Out, f.Out)
	if err != nil {
		return err
	}
	defer release()
	_, err = f.run(ctx, term, f.painter(), f.job, nil)
	return err
}

// unusedName makes the name of a result one that no file has, if it is not given: to run
// a command twice is no reason to lose the first picture. A picture that is not finished
// counts as well. Until release is called, the name is not that of another run either.
func unusedName(out *string, given string) (release func(), err error) {
	if given != "" {
		return func() {}, nil
	}
	name, free, err := outfile.Unused(*out, func(path string) bool {
		return !outfile.Exists(path) && !outfile.Exists(painting.Unfinished(path))
	})
	if err != nil {
		return nil, err
	}
	*out = name
	return func() { _ = free() }, nil // at worst, a hidden file is left for the next run to remove
}
