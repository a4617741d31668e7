package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2/maybe"

	"github.com/brushgrad/brushgrad/cmd/internal/picture"
	"github.com/brushgrad/brushgrad/nst"
	"github.com/brushgrad/brushgrad/tensor"
)

// saveFlags say how the picture is written.
type saveFlags struct {
	Quality int    `default:"95" placeholder:"1-100" help:"Quality of a JPEG (${default})."`
	Bits    int    `default:"0" placeholder:"8|16" help:"Bits a channel: 8 or 16 (16 in a TIFF, otherwise 8; a JPEG has 8 only)."`
	DPI     int    `name:"dpi" default:"0" placeholder:"N" help:"Pixels per inch in print, which the file then says."`
	Record  string `placeholder:"FILE.json" help:"Write what nst again needs to paint the same picture; a PNG holds it too."`

	noted   []input // as they were when the run began
	painted *record // what has been saved
}

// Validate returns an error for a flag with a value that makes no sense.
func (f *saveFlags) Validate() error {
	switch {
	case f.Quality < 1 || f.Quality > 100:
		return fmt.Errorf("--quality is %d, but must be from 1 to 100", f.Quality)
	case f.Bits != 0 && f.Bits != 8 && f.Bits != 16:
		return fmt.Errorf("--bits is %d, but must be 8 or 16", f.Bits)
	case f.Record != "" && !strings.EqualFold(filepath.Ext(f.Record), ".json"):
		return fmt.Errorf("--record writes .json only, not %s", f.Record)
	case f.DPI < 0 || f.DPI > 65535:
		return fmt.Errorf("--dpi is %d, but must be from 1 to 65535, or 0 to leave it out", f.DPI)
	}
	return nil
}

func (f *saveFlags) saveOptions() picture.Options {
	return picture.Options{Quality: f.Quality, Bits: f.Bits, DPI: f.DPI}
}

// save writes the picture, as transparent as the content, and the record of the
// run. If the content cannot be read any more, the picture is opaque.
func (p *paintCmd) save(result *nst.Result) error {
	record, err := newRecord(p, result)
	if err != nil {
		return err
	}
	p.painted = record
	text := record.text()
	opt := p.saveOptions()
	opt.Text = string(text)
	alpha, alphaErr := p.alpha(result.Picture)
	opt.Alpha = alpha
	if err := picture.SaveAs(p.Out, result.Picture, opt); err != nil {
		return err
	}
	if p.Record != "" {
		if err = maybe.WriteFile(p.Record, text, 0o666); err != nil {
			err = fmt.Errorf("--record: %w", err)
		}
	}
	if err = cmp.Or(alphaErr, err); err != nil {
		err = fmt.Errorf("%s is written, but not all that belongs to it: %w", p.Out, err)
	}
	return err
}

// alpha returns the alpha plane of the content in the size of a picture, nil if
// it is opaque.
func (p *paintCmd) alpha(of *tensor.Tensor) (*tensor.Tensor, error) {
	if p.demo() {
		return nil, nil
	}
	return picture.Alpha(p.ContentFile, of.Dim(2), of.Dim(1))
}
