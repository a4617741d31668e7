package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/brushgrad/brushgrad/tensor"
)

// table returns a line for each digit: how many there were, how many of them were
// read right, and what the others were taken for.
func table(answers, labels []int) string {
	var taken [digits][digits]int
	for i, a := range answers {
		taken[labels[i]][a]++
	}
	var b strings.Builder
	fmt.Fprintln(&b, " digit   held out   right              taken for")
	for d, row := range taken {
		total := 0
		var wrong []string
		for other, n := range row {
			total += n
			if n > 0 && other != d {
				wrong = append(wrong, fmt.Sprintf("%d (%d)", other, n))
			}
		}
		line := fmt.Sprintf("%6d %10d %7d %7.2f %%   %s", d, total, row[d], percent(row[d], max(1, total)), strings.Join(wrong, ", "))
		fmt.Fprintln(&b, strings.TrimRight(line, " "))
	}
	right := count(answers, labels)
	fmt.Fprintf(&b, "%6s %10d %7d %7.2f %%\n", "all", len(labels), right, percent(right, len(labels)))
	return b.String()
}

// The sheet, in pixels.
const (
	zoom        = 3  // a digit's pixel
	answerSize  = 20 // the answer beside it
	sheetGap    = 6
	sheetCell   = side*zoom + answerSize + 2*sheetGap
	sheetHeight = side*zoom + sheetGap
	sheetRows   = 8
	sheetWidth  = 8 // cells
)

// sheet returns a picture (1,H,W,3) of values 0..255: some of the digits, those
// that were read wrong first, each with the answer beside it, green if it is right
// and red if not.
func sheet(pictures *tensor.Tensor, labels, answers []int) *tensor.Tensor {
	order := make([]int, len(labels))
	for i := range order {
		order[i] = i
	}
	wrong := func(i int) int {
		if answers[i] != labels[i] {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(order, func(i, j int) int { return wrong(i) - wrong(j) })
	order = order[:min(len(order), sheetRows*sheetWidth)]
	rows := (len(order) + sheetWidth - 1) / sheetWidth
	m := tensor.Full(255, 1, rows*sheetHeight+sheetGap, sheetWidth*sheetCell+sheetGap, 3)
	for k, i := range order {
		top, left := sheetGap+k/sheetWidth*sheetHeight, sheetGap+k%sheetWidth*sheetCell
		for y := range side * zoom {
			for x := range side * zoom {
				v := 255 * (1 - pictures.At(i, y/zoom, x/zoom, 0)) // dark on light, as in print
				for c := range 3 {
					m.Set(v, 0, top+y, left+x, c)
				}
			}
		}
		colour := [3]float32{200, 0, 0}
		if answers[i] == labels[i] {
			colour = [3]float32{0, 140, 0}
		}
		upright := affine{xx: answerSize * 0.8, x0: answerSize / 2, yy: answerSize * 0.8, y0: answerSize / 2}
		for p, ink := range outlines()[0][answers[i]].ink(answerSize, upright) {
			for c, v := range colour {
				m.Set(255+(v-255)*float32(ink)/255, 0, top+p/answerSize, left+side*zoom+sheetGap/2+p%answerSize, c)
			}
		}
	}
	return m
}
