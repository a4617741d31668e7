package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// hugePNG is a PNG whose header says 100000x100000.
func hugePNG() []byte {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	header := append([]byte("IHDR"), 0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0, 8, 2, 0, 0, 0)
	_ = binary.Write(&b, binary.BigEndian, uint32(13))
	b.Write(header)
	_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(header))
	return b.Bytes()
}

// TestBadInput runs command lines that must fail: with the right exit code,
// one line on stderr that says what is wrong, and nothing written.
func TestBadInput(t *testing.T) {
	content, style, dir := pictures(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	whole := readTestFile(t, content)
	writeTestFile(t, in("empty.png"), nil)
	writeTestFile(t, in("truncated.png"), whole[:len(whole)/2])
	writeTestFile(t, in("text.png"), []byte("this is not a picture"))
	writeTestFile(t, in("huge.png"), hugePNG())
	drawPNG(t, in("tiny.png"), 9, 9, 2)
	drawPNG(t, in("other.png"), 48, 36, 5)
	damaged := func(name, file string, change func([]byte) []byte) string {
		folder := in(name)
		if err := os.CopyFS(folder, os.DirFS(smallWeights)); err != nil {
			t.Fatal(err)
		}
		data := change(readTestFile(t, filepath.Join(folder, file)))
		if data == nil {
			if err := os.Remove(filepath.Join(folder, file)); err != nil {
				t.Fatal(err)
			}
			return folder
		}
		writeTestFile(t, filepath.Join(folder, file), data)
		return folder
	}
	flipped := damaged("flipped", "conv1_1.weight.npy", func(d []byte) []byte { d[len(d)-1] ^= 1; return d })
	missing := damaged("missing", "conv3_1.bias.npy", func([]byte) []byte { return nil })
	renamed := damaged("renamed", "manifest.json", func(d []byte) []byte { return bytes.ReplaceAll(d, []byte("conv2_1"), []byte("conv2_9")) })
	folder := in("folder.json")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	nothing := in("nothing")
	if err := os.Mkdir(nothing, 0o777); err != nil {
		t.Fatal(err)
	}
	pickle := append([]byte("\x93NUMPY\x01\x00\x46\x00{'descr': '|O', 'fortran_order': False, 'shape': (), }               \n"), "cposix\nsystem\n(S'true'\ntR."...)
	writeTestFile(t, in("evil.npy"), pickle)
	out := in("out.png")
	drawMask(t, in("mask.png"), 48, 36, 20)
	drawMask(t, in("square.png"), 36, 36, 20)
	drawMask(t, in("black.png"), 48, 36, 0)
	tooLarge := "huge.png: the picture is too large: the png header says 100000 x 100000 pixels"
	if math.MaxInt == math.MaxInt32 {
		tooLarge = "huge.png: the png header is damaged" // the decoder refuses sizes that overflow an int
	}
	w := []string{"--weights", smallWeights}
	painted := in("painted.png")
	mustRun(t, append(w, content, style, "-o", painted, "--size=40", "--iterations=1", "--quiet", "--record", in("record.json"))...)
	record := readTestFile(t, in("record.json"))
	writeTestFile(t, in("cut.json"), record[:len(record)/2])
	writeTestFile(t, in("other.json"), []byte(`{"program": "another"}`))
	writeTestFile(t, in("sum.json"), bytes.Replace(record, []byte(`_sha256": "`), []byte(`_sha256": "zz`), 1))
	writeTestFile(t, in("format.json"), bytes.Replace(record, []byte(`"format": ".png"`), []byte(`"format": "/../../x"`), 1))
	writeTestFile(t, in("setting.json"), bytes.Replace(record, []byte(`"size": 40`), []byte(`"size": -40`), 1))
	writeTestFile(t, in("type.json"), bytes.Replace(record, []byte(`"size": 40`), []byte(`"size": "big\nbad"`), 1))
	writeTestFile(t, in("lines.json"), bytes.Replace(record, []byte(`"weight": 1`), []byte(`"weight": 1}, {"file": "a\nb", "weight": -1`), 1))
	writeTestFile(t, in("future.json"), bytes.Replace(record, []byte(`"schema": 4`), []byte(`"schema": 5`), 1))
	writeTestFile(t, in("gone.json"), bytes.ReplaceAll(record, []byte("painting.png"), []byte("gone.png")))

	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"missing picture":     {[]string{in("no.png"), style}, 1, "no.png: no such file"},
		"empty picture":       {[]string{in("empty.png"), style}, 1, "empty.png: the file is empty"},
		"truncated picture":   {[]string{content, in("truncated.png")}, 1, "truncated.png: the png data is damaged"},
		"text as picture":     {[]string{in("text.png"), style}, 1, "text.png: not a picture"},
		"folder as picture":   {[]string{dir, style}, 1, "folder"},
		"huge picture":        {[]string{in("huge.png"), style}, 1, tooLarge},
		"too small":           {append(w, in("tiny.png"), style, "--size", "9"), 1, "too small for layer"},
		"one picture":         {[]string{content}, 2, "two pictures"},
		"three pictures":      {[]string{content, style, style}, 2, "unexpected argument"},
		"unknown flag":        {[]string{content, style, "--frobnicate"}, 2, "unknown flag --frobnicate"},
		"bad number":          {[]string{content, style, "--size", "big"}, 2, `--size: "big" is not a whole number`},
		"missing number":      {[]string{content, style, "--size"}, 2, "--size: a number is missing"},
		"missing value":       {[]string{content, style, "--plot", "-q"}, 2, "--plot: a value is missing before -q"},
		"empty content":       {[]string{"", style}, 2, "the argument <content> is empty"},
		"empty weights":       {[]string{content, style, "--weights", ""}, 2, "--weights is empty"},
		"empty contents":      {[]string{"batch", "--contents", "", "--styles", style, "--out-dir", in("new")}, 2, "--contents is empty"},
		"unknown preset":      {[]string{content, style, "--preset", "lazy"}, 2, `--preset must be one of "abstract","classic","faithful","ink","oil","poster","watercolour"`},
		"negative size":       {[]string{content, style, "--size", "-5"}, 2, "--size is -5, but must be 1 or more"},
		"unknown optimizer":   {[]string{content, style, "--optimizer", "sgd"}, 2, `--optimizer must be one of "lbfgs","adam" but got "sgd"`},
		"unknown layer":       {[]string{content, style, "--content-layers", "conv9_1"}, 2, `unknown layer "conv9_1"; the layers are rgb, conv1_1, conv1_2`},
		"unknown style layer": {[]string{content, style, "--style-layers", "pool1=2"}, 2, `unknown layer "pool1"`},
		"weight not a number": {[]string{content, style, "--style-layers", "conv1_1=much"}, 2, "not a number"},
		"negative weight":     {[]string{content, style, "--style-layers", "conv1_1=-1,conv2_1=2"}, 2, "negative"},
		"zero weights":        {[]string{content, style, "--style-layers", "conv1_1=0"}, 2, "add up to 0"},
		"negative alpha":      {[]string{content, style, "--alpha", "-1"}, 2, "--alpha is -1, but must be 0 or more"},
		"NaN beta":            {[]string{content, style, "--beta", "NaN"}, 2, "--beta is NaN, but must be 0 or more"},
		"nothing to minimise": {[]string{content, style, "--alpha", "0", "--beta", "0"}, 2, "both 0"},
		"strength too large":  {append(w, content, style, "--beta", "1e308", "--strength", "100"), 2, "--beta 1e+308 at --strength 100 is more than"},
		"beta too large":      {append(w, content, style, "--beta", "1e300", "--size", "40", "-q"), 1, "no longer a finite number: --alpha, --beta"},
		"no history":          {[]string{content, style, "--history", "0"}, 2, "--history is 0, but must be from 1 to 1000"},
		"too much history":    {[]string{content, style, "--history", "2000000000"}, 2, "--history is 2000000000, but must be from 1 to 1000"},
		"too many threads":    {[]string{content, style, "--threads", "1000000"}, 2, "--threads is 1000000, but must be from 0 to 1024"},
		"too many iterations": {[]string{content, style, "--iterations", "2000000000"}, 2, "--iterations is 2000000000, but must be from 1 to 100000000"},
		"negative scales":     {[]string{content, style, "--scales", "-1"}, 2, "--scales is -1, but must be 0 or more"},
		"min-size 0":          {[]string{content, style, "--min-size", "0"}, 2, "--min-size is 0, but must be 1 or more"},
		"iterations a list":   {[]string{content, style, "--iterations", "300,200"}, 2, `--iterations: "300,200" is not a whole number`},
		"no learning rate":    {[]string{content, style, "--learning-rate", "0"}, 2, "--learning-rate is 0, but must be above 0"},
		"average for ever":    {[]string{content, style, "--average-decay", "1"}, 2, "--average-decay is 1, but must be from 0 to below 1"},
		"NaN average":         {[]string{content, style, "--average-decay", "NaN"}, 2, "--average-decay is NaN, but must be from 0 to below 1"},
		"too much noise":      {[]string{content, style, "--init-noise", "1.5"}, 2, "--init-noise is 1.5, but must be from 0 to 1"},
		"unknown start":       {[]string{content, style, "--init", "gray"}, 1, "--init is content, style, noise, grey or a file: gray: no such file"},
		"start is no picture": {[]string{content, style, "--init", in("text.png")}, 1, "text.png: not a picture"},
		"output is the start": {[]string{content, style, "--init", in("tiny.png"), "-o", in("tiny.png")}, 2, "would overwrite"},
		"output is an input":  {[]string{content, style, "-o", style}, 2, "would overwrite"},
		"outputs collide":     {[]string{content, style, "-o", out, "--plot", out}, 2, "written twice"},
		"trace over content":  {[]string{content, style, "--trace", content}, 2, "would overwrite"},
		"unknown format":      {[]string{content, style, "-o", in("out.webp")}, 2, ".webp"},
		"missing folder":      {[]string{content, style, "-o", in("nowhere/out.png")}, 1, "nowhere"},
		"no weights":          {[]string{content, style, "--weights", in("nix")}, 1, "nix"},
		"weights of nothing":  {[]string{content, style, "--weights", nothing}, 1, "--weights: "},
		"wrong hash":          {[]string{content, style, "--weights", flipped}, 1, "conv1_1.weight.npy"},
		"missing layer":       {[]string{content, style, "--weights", missing}, 1, "conv3_1.bias.npy"},
		"wrong layer name":    {[]string{content, style, "--weights", renamed}, 1, "conv2_9"},
		"pickle that imports": {[]string{content, style, "--weights", in("evil.npy")}, 1, "system"},
		"picture as weights":  {[]string{content, style, "--weights", content}, 1, "photo.png"},
		"layer not there":     {append(w, content, style, "--content-layers", "conv5_4"), 1, "conv5_4 is beyond the end"},
		"no iterations":       {[]string{content, style, "--iterations", "0"}, 2, "--iterations is 0, but must be from 1 to 100000000"},
		"no size":             {[]string{content, style, "--size=0"}, 2, "--size is 0, but must be 1 or more"},
		"record as text":      {[]string{content, style, "--record", in("out.txt")}, 2, "--record writes .json only"},
		"quality too high":    {[]string{content, style, "--quality", "101"}, 2, "--quality is 101, but must be from 1 to 100"},
		"12 bits":             {[]string{content, style, "--bits", "12"}, 2, "out.png: a PNG cannot have 12 bits a channel; it has 8 or 16"},
		"negative dpi":        {[]string{content, style, "--dpi=-1"}, 2, "--dpi is -1, but must be from 0 to 65535"},
		"16 bits in a JPEG":   {[]string{content, style, "--bits", "16", "-o", in("x.jpg")}, 2, "x.jpg: a JPEG cannot have 16 bits"},
		"record over content": {[]string{content, style, "--record", content}, 2, "--record writes .json only"},
		"record over output":  {[]string{content, style, "--trace", in("x.json"), "--record", in("x.json")}, 2, "written twice"},
		"record nowhere":      {[]string{content, style, "--record", in("nowhere/r.json")}, 1, "nowhere does not exist; create it"},
		"record over folder":  {[]string{content, style, "--record", folder}, 1, "--record: "},
		"trace nowhere":       {[]string{content, style, "--trace", in("nowhere/t.jsonl")}, 1, "--trace: "},
		"trace over folder":   {[]string{content, style, "--trace", nothing}, 1, "--trace: "},
		"preview of a kind":   {[]string{content, style, "--preview", in("now.gif")}, 2, "--preview: "},
		"frames in a file":    {[]string{content, style, "--frames", in("text.png/frames")}, 1, "text.png is not a folder"},
		"batch into a file":   {[]string{"batch", "--contents", content, "--styles", style, "--out-dir", in("text.png/out")}, 1, "--out-dir: "},
		"again of nothing":    {[]string{"again", in("no.png")}, 1, "no.png: no such file"},
		"again of a photo":    {[]string{"again", content}, 1, "photo.png: this PNG holds no text"},
		"again of text":       {[]string{"again", in("text.png")}, 1, "text.png: not a PNG"},
		"again of a JPEG":     {[]string{"again", in("x.jpg")}, 1, "x.jpg: only a PNG holds the record"},
		"again, cut":          {[]string{"again", in("cut.json")}, 1, "cut.json: the record is damaged"},
		"again, other JSON":   {[]string{"again", in("other.json")}, 1, "other.json: this is not the record of a run"},
		"again, bad sum":      {[]string{"again", in("sum.json")}, 1, "sum.json: the record is damaged"},
		"again, bad format":   {[]string{"again", in("format.json")}, 1, "is not the extension of a picture"},
		"again, bad setting":  {[]string{"again", in("setting.json")}, 1, "cannot paint with the settings recorded: --size is -40"},
		"again, bad type":     {[]string{"again", in("type.json")}, 1, "cannot be a JSON string"},
		"again, two lines":    {[]string{"again", in("lines.json")}, 1, "--style a b: the weight is -1"},
		"again, future":       {[]string{"again", in("future.json")}, 1, "future.json: the record has schema 5, but this version reads schemas up to 4; use a newer nst"},
		"demo of a photo":     {[]string{"demo", content}, 2, "unexpected argument "},
		"demo with a style":   {[]string{"demo", "--style", style}, 2, "unknown flag --style"},
		"demo of no size":     {[]string{"demo", "--size", "0"}, 2, "--size is 0, but must be 1 or more"},
		"again, input gone":   {[]string{"again", in("gone.json")}, 1, "missing: "},
		"again over input":    {[]string{"again", painted, "-o", content}, 1, "photo.png would overwrite"},
		"again as WebP":       {[]string{"again", painted, "-o", in("x.webp")}, 2, "cannot write .webp"},
		"again of what":       {[]string{"again"}, 2, "an argument is missing: <picture>"},
		"again over itself":   {[]string{"again", painted, "-o", painted}, 2, "would overwrite"},
		"style weight":        {[]string{content, "--style", style + "=much"}, 2, `the weight "much" is not a number`},
		"style weight 0":      {[]string{content, "--style", style + "=0"}, 2, "must be a number above 0"},
		"style weight NaN":    {[]string{content, "--style", style + "=NaN"}, 2, "must be a number above 0"},
		"style without name":  {[]string{content, "--style", "=2"}, 2, "a picture is missing"},
		"style not there":     {[]string{content, style, "--style", in("no.png")}, 1, "no.png: no such file"},
		"style, no content":   {[]string{"--style", style}, 2, "no CONTENT to paint"},
		"style scale 0":       {[]string{content, style, "--style-scale", "0"}, 2, "--style-scale is 0, but must be above 0"},
		"style scale NaN":     {[]string{content, style, "--style-scale", "NaN"}, 2, "--style-scale is NaN, but must be above 0"},
		"style scale tiny":    {append(w, content, style, "--style-scale", "0.001"), 1, "style: a picture of 1x1 pixels is too small"},
		"style scale huge":    {append(w, content, style, "--style-scale", "1e300"), 1, "painting.png: a longest side of"},
		"layer without name":  {[]string{content, style, "--style-layers", "conv1_1,,conv2_1"}, 2, "the name of a layer is missing"},
		"style size negative": {[]string{content, style, "--style-size=-4"}, 2, "--style-size is -4, but must be 0 or more"},
		"style sizes":         {[]string{content, style, "--style-size", "4", "--style-scale", "2"}, 2, "give one of them"},
		"too many masks":      {[]string{content, style, "--mask", "all", "--mask", "all"}, 2, "2 --mask for 1 styles"},
		"mask without name":   {[]string{content, style, "--mask", ":" + in("mask.png")}, 2, "a picture is missing"},
		"mask not there":      {append(w, content, style, "--mask", in("no.png")), 1, "no.png: no such file"},
		"mask of other shape": {append(w, content, style, "--mask", in("square.png")), 1, "square.png: a mask must have the proportions of its picture"},
		"style mask's shape":  {append(w, content, style, "--mask", "all:"+in("mask.png")), 1, "mask.png: a mask must have the proportions of its picture"},
		"black mask":          {append(w, content, style, "--mask", in("black.png")), 1, "black.png: the mask is black"},
		"output is a mask":    {[]string{content, style, "--mask", in("mask.png"), "-o", in("mask.png")}, 2, "would overwrite"},
		"style cost":          {[]string{content, style, "--style-cost", "entropy"}, 2, `--style-cost must be one of "gram",`},
		"content weight":      {[]string{content, style, "--content-layers", "conv4_2=x"}, 2, "not a number"},
		"no content weight":   {[]string{content, style, "--content-layers", "conv4_2=0"}, 2, "add up to 0"},
		"normalised L-BFGS":   {[]string{content, style, "--normalize-gradients"}, 2, "add --optimizer adam"},
		"cost scale":          {append([]string{"cost", "--content", content, "--style", style, "--image", content, "--style-scale", "2"}, w...), 2, "--style-scale needs a --size"},
		"cost lacks style":    {[]string{"cost", "--content", content, "--image", content}, 2, "--style"},
		"cost sizes differ":   {append([]string{"cost", "--content", content, "--style", style, "--image", style}, w...), 1, "must have the content's size"},
		"cost lacks image":    {[]string{"cost", "--content", content, "--style", style}, 2, "--image"},
		"cost overwrites":     {[]string{"cost", "--content", content, "--style", style, "--image", content, "--gradient", content}, 2, "would overwrite"},
		"cost features":       {append([]string{"cost", "--content", content, "--style", style, "--image", content, "--features", in("text.png")}, w...), 1, "--features: "},
		"cost too large":      {append([]string{"cost", "--content", content, "--style", style, "--image", in("other.png"), "--beta", "1e300"}, w...), 1, "--beta or --tv is too large"},
		"bench size":          {[]string{"bench", "--size", "3"}, 2, "--size is 3, but must be from 32 to 8192"},
		"bench too large":     {[]string{"bench", "--size", "1000000"}, 2, "--size is 1000000, but must be from 32 to 8192"},
		"bench threads":       {[]string{"bench", "--threads", "-1"}, 2, "--threads is -1, but must be from 0 to 1024"},
	} {
		t.Run(name, func(t *testing.T) {
			args := c.args
			if !slices.Contains([]string{"cost", "bench", "again", "batch", "demo"}, args[0]) {
				// Should it paint after all, then not for long and not here.
				args = append([]string{"--iterations=1", "-o", out}, args...)
			}
			before := listing(t, dir)
			code, stdout, stderr := nstRun(t, args...)
			if code != c.code || !strings.Contains(stderr, c.want) {
				t.Errorf("exit %d and %q, want %d and %q", code, stderr, c.code, c.want)
			}
			if strings.Count(stderr, "\n") != 1 || strings.Contains(stderr, "goroutine") || stdout != "" {
				t.Errorf("want one line on stderr, got stdout %q and stderr %q", stdout, stderr)
			}
			if after := listing(t, dir); after != before {
				t.Errorf("files before: %s\nafter: %s", before, after)
			}
		})
	}
}

func listing(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}
