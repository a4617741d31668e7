package icc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// A lut is a conversion between a device and the profile connection space, by curves and
// tables. Values of the connection space are encoded, from 0 to 1.
type lut struct {
	steps  []step
	legacy bool // L*a*b* is encoded in 16 bits as in version 2
}

var errTable = errors.New("icc: a table that is damaged or of an unknown kind")

// parseLUT reads a table of one of the four types between that many channels.
func parseLUT(tag []byte, in, out int) (*lut, error) {
	if len(tag) < 32 || int(tag[8]) != in || int(tag[9]) != out {
		return nil, errTable
	}
	switch kind := string(tag[:4]); kind {
	case "mft1", "mft2":
		return parseFixed(tag, in, out)
	case "mAB ", "mBA ":
		if (kind == "mAB ") != (out == 3) {
			return nil, errTable
		}
		return parseModular(tag, in, out)
	}
	return nil, fmt.Errorf("icc: a table of the type %q", tag[:4])
}

// parseFixed reads a lut8Type or lut16Type (ICC.1:2022, sections 10.11 and 10.10): a
// matrix, curves, a table and curves again.
func parseFixed(tag []byte, in, out int) (*lut, error) {
	if len(tag) < 52 {
		return nil, errTable
	}
	l := &lut{legacy: string(tag[:4]) == "mft2"}
	var m matrix
	for i := range 9 {
		m.m[i/3][i%3] = fixed(tag[12+4*i:])
	}
	if in == 3 && m != unchanged {
		l.steps = append(l.steps, m.apply)
	}
	entriesIn, entriesOut, width, decode := 256, 256, 1, octets
	rest := tag[48:]
	if l.legacy {
		entriesIn, entriesOut = int(binary.BigEndian.Uint16(tag[48:])), int(binary.BigEndian.Uint16(tag[50:]))
		width, decode = 2, words
		rest = tag[52:]
	}
	if entriesIn < 2 || entriesOut < 2 {
		return nil, errTable
	}
	values := func(n int) []float32 { // nil if there are not as many
		if n*width > len(rest) {
			return nil
		}
		v := decode(rest[:n*width])
		rest = rest[n*width:]
		return v
	}
	curves := func(n, entries int) bool {
		v := values(n * entries)
		var all []curve
		for ; len(v) > 0; v = v[entries:] {
			all = append(all, table(v[:entries]))
		}
		l.steps = append(l.steps, each(all))
		return len(all) == n
	}
	if !curves(in, entriesIn) {
		return nil, errTable
	}
	points := bytes.Repeat(tag[10:11], in)
	size, err := gridSize(points, out, len(rest)/width)
	if err != nil {
		return nil, err
	}
	l.addGrid(points, out, values(size))
	if !curves(out, entriesOut) {
		return nil, errTable
	}
	return l, nil
}

// parseModular reads a lutAToBType or lutBToAType (ICC.1:2022, sections 10.12 and 10.13):
// up to three sets of curves, a table and a matrix, of which the tag holds the offsets.
func parseModular(tag []byte, in, out int) (*lut, error) {
	offset := func(i int) uint64 { return uint64(binary.BigEndian.Uint32(tag[12+4*i:])) }
	const b, matrixAt, m, grid, a = 0, 1, 2, 3, 4
	order := []int{a, grid, m, matrixAt, b}
	if out != 3 { // away from the connection space
		order = []int{b, matrixAt, m, grid, a}
	}
	l := &lut{}
	channels := in
	for _, part := range order {
		at := offset(part)
		if at == 0 {
			continue
		}
		if at >= uint64(len(tag)) {
			return nil, errTable
		}
		var err error
		switch data := tag[at:]; part {
		case matrixAt:
			if len(data) < 48 || channels != 3 {
				return nil, errTable
			}
			var m matrix
			for i := range 9 {
				m.m[i/3][i%3] = fixed(data[4*i:])
			}
			for i := range 3 {
				m.offset[i] = fixed(data[36+4*i:])
			}
			l.steps = append(l.steps, m.apply)
		case grid:
			err = l.addModularGrid(data, in, out)
			channels = out
		default:
			var curves []curve
			curves, err = parseCurves(data, channels)
			l.steps = append(l.steps, each(curves))
		}
		if err != nil {
			return nil, err
		}
	}
	if channels != out {
		return nil, errTable
	}
	return l, nil
}

// addModularGrid reads the table of a modular type: 16 bytes of points, the width of a
// value, three bytes of padding and the values.
func (l *lut) addModularGrid(data []byte, in, out int) error {
	const header = 20
	if len(data) < header {
		return errTable
	}
	width, decode := int(data[16]), octets
	switch width {
	case 1:
	case 2:
		decode = words
	default:
		return errTable
	}
	size, err := gridSize(data[:in], out, (len(data)-header)/width)
	if err != nil {
		return err
	}
	l.addGrid(data[:in], out, decode(data[header:][:size*width]))
	return nil
}

// gridSize returns the values of a table over a grid. It fails if a direction has fewer
// than two points, or there are more values than most.
func gridSize(points []byte, out, most int) (int, error) {
	size := int64(out)
	for _, p := range points {
		size *= int64(p) // at most 4 factors of 255
		if p < 2 {
			return 0, errTable
		}
	}
	if size > int64(most) {
		return 0, errTable
	}
	return int(size), nil
}

// addGrid adds the step that looks a colour up in a table over a grid with points in each
// direction, the first changing most slowly, of values of out channels.
func (l *lut) addGrid(points []byte, out int, values []float32) {
	g := grid{points: make([]int, len(points)), strides: make([]int, len(points)), out: out, values: values}
	stride := out
	for i := len(points) - 1; i >= 0; i-- {
		g.points[i], g.strides[i] = int(points[i]), stride
		stride *= int(points[i])
	}
	l.steps = append(l.steps, g.lookUp)
}

// A grid is a table of values of out channels. values[i*strides[0] + j*strides[1] + ...]
// is the first value at point i, j, ...
type grid struct {
	points, strides []int
	out             int
	values          []float32
}

// lookUp interpolates as littlecms does: in the tetrahedron that a colour lies in, over
// the last three channels, and linearly over what comes before.
func (g grid) lookUp(v *[4]float64) {
	var at int              // of the point below
	var stride [4]int       // to the next point, 0 at the end
	var fraction [4]float64 // of the way there
	for i, points := range g.points {
		x := unit(v[i]) * float64(points-1)
		n := int(x)
		if n < points-1 {
			stride[i] = g.strides[i]
		}
		fraction[i] = x - float64(n)
		at += n * g.strides[i]
	}
	switch len(g.points) {
	case 1:
		for c := range g.out {
			low, high := float64(g.values[at+c]), float64(g.values[at+stride[0]+c])
			v[c] = low + float64(fraction[0]*(high-low))
		}
	case 3:
		g.tetrahedron(at, [3]int(stride[:3]), [3]float64(fraction[:3]), v)
	case 4:
		var low, high [4]float64
		g.tetrahedron(at, [3]int(stride[1:]), [3]float64(fraction[1:]), &low)
		g.tetrahedron(at+stride[0], [3]int(stride[1:]), [3]float64(fraction[1:]), &high)
		for c := range g.out {
			v[c] = low[c] + float64(fraction[0]*(high[c]-low[c]))
		}
	}
}

// tetrahedron goes from the corner at to the opposite one along the edges, the direction
// with the largest fraction first, and adds to the corner's value the fraction of each
// edge's difference.
func (g grid) tetrahedron(at int, stride [3]int, fraction [3]float64, out *[4]float64) {
	order := [3]int{0, 1, 2}
	for _, pair := range [][2]int{{0, 1}, {1, 2}, {0, 1}} {
		if i, j := pair[0], pair[1]; fraction[order[i]] < fraction[order[j]] {
			order[i], order[j] = order[j], order[i]
		}
	}
	for c := range g.out {
		out[c] = float64(g.values[at+c])
	}
	for _, i := range order {
		next := at + stride[i]
		for c := range g.out {
			out[c] += fraction[i] * (float64(g.values[next+c]) - float64(g.values[at+c]))
		}
		at = next
	}
}
